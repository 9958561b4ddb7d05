import { batched, byId, h, icon, reconcile } from '../dom.js';
import { dayName, dayOf } from '../format.js';
import { t } from '../i18n.js';
import { messageElement } from './message.js';
import { Toolbar } from './toolbar.js';

const STICKY_PX = 48;
const OLDER_PX = 400;
const GROUP_MS = 5 * 60_000;

/**
 * The messages of the active room. It sticks to the newest while the reader is there, and otherwise keeps the
 * message that the reader looks at where it is, whatever is added or taken away above or below.
 */
export class LogView {
  #chat;
  #hooks;
  #log = byId('log');
  #jump = byId('jump');
  #cache = new Map();
  #keys = [];
  #room = null;
  #stick = true;
  #toolbar;
  #draw = batched(() => this.#render());

  constructor(chat, hooks) {
    this.#chat = chat;
    this.#hooks = hooks;
    this.#toolbar = new Toolbar(this.#log, chat, hooks, (key) => this.#find(key));
    this.#log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#log.addEventListener('click', (event) => this.#clicked(event));
    this.#jump.onclick = () => {
      this.#log.scrollTo({ top: this.#log.scrollHeight, behavior: calm() ? 'auto' : 'smooth' });
      byId('composer').focus({ preventScroll: true });
    };
    document.addEventListener('visibilitychange', this.#draw);
    new ResizeObserver(() => { if (this.#stick) this.#toBottom(); }).observe(this.#log);
  }

  changed(what, model) {
    if (what === 'newer') this.#arrived(model);
    if (what === 'active' || model === this.#chat.activeRoom) this.#draw();
  }

  #arrived(model) {
    if (model !== this.#room) return model.trim();
    if (model.outgoing.at(-1)?.state === 'pending') this.#stick = true;
    // Whoever watches it come in needs no line that says where the new ones begin.
    if (this.#stick && !document.hidden) model.newFrom = null;
    return undefined;
  }

  #render() {
    const room = this.#chat.activeRoom;
    if (!room) return;
    const switched = room !== this.#room;
    if (switched) {
      this.#room = room;
      this.#log.setAttribute('aria-label', t('logLabel', room.name));
      this.#log.replaceChildren();
      this.#cache.clear();
      this.#keys = [];
      this.#stick = true;
    }
    if (this.#stick) room.trim();
    const empty = this.#keys.length < 2;
    const anchor = this.#stick ? null : this.#anchor();
    if (switched || anchor) this.#log.setAttribute('aria-busy', 'true');
    const rows = this.#rows(room);
    reconcile(this.#log, rows, this.#cache);
    this.#keys = rows.map((row) => row.key);
    this.#toolbar.restore();
    if (anchor) this.#log.scrollTop += this.#topOf(anchor.key) - anchor.top;
    else if (empty && room.newFrom !== null) this.#toNew();
    else this.#toBottom();
    if (this.#log.hasAttribute('aria-busy')) requestAnimationFrame(() => this.#log.removeAttribute('aria-busy'));
    this.#scrolled();
  }

  #rows(room) {
    const rows = [this.#top(room)];
    const last = room.messages.findLast((m) => m.own);
    let previous = null;
    for (const message of [...room.messages, ...room.outgoing]) {
      const newDay = !previous || dayOf(previous.ts) !== dayOf(message.ts);
      const newLine = message.seq !== null && message.seq === room.newFrom;
      if (newDay) {
        const name = dayName(message.ts);
        rows.push({ key: `d:${dayOf(message.ts)}`, version: name, make: () => separator('day', name) });
      }
      if (newLine) rows.push({ key: 'new', version: 1, make: () => separator('new', t('newMessages')) });
      const grouped = !newDay && !newLine && message.reply === null && previous.author === message.author && previous.from === message.from && message.ts - previous.ts < GROUP_MS;
      const quoted = message.reply === null ? null : room.bySeq(message.reply) ?? null;
      const readers = message === last ? room.readersOf(message) : [];
      rows.push({
        key: message.key,
        version: `${message.version}/${message.seq}/${message.state}/${grouped}/${quoted?.version ?? ''}/${readers.join('\n')}`,
        make: () => messageElement(message, { grouped, quoted, readers, me: this.#chat.me }),
      });
      previous = message;
    }
    if (room.status === 'kicked' || room.status === 'refused') rows.push(this.#problem(room));
    return rows;
  }

  #top(room) {
    const what = room.status === 'joining' && room.messages.length === 0 ? 'joining' : room.more ? 'more' : 'beginning';
    const makers = {
      joining: () => h('div', { class: 'log-top quiet' }, t('joining', room.name)),
      more: () => h('div', { class: 'log-top quiet' }, t('loadingHistory')),
      beginning: () => h('div', { class: 'log-top' },
        h('span', { class: 'beginning-mark', 'aria-hidden': 'true' }, '#'),
        h('strong', { dir: 'auto' }, t('beginning', room.name)), h('span', {}, t('beginningHint'))),
    };
    if (room.problem && room.messages.length === 0) return { key: 'top', version: 'none', make: () => h('div', { class: 'log-top' }) };
    return { key: 'top', version: what, make: makers[what] };
  }

  #problem(room) {
    const { message, code } = room.problem;
    const title = code === 'name_taken' ? t('nameTaken') : t(room.status === 'kicked' ? 'kicked' : 'joinFailed');
    return {
      key: 'problem', version: room.status + code,
      make: () => h('div', { class: 'problem', role: 'alert' }, icon('warn'),
        h('div', {}, h('strong', {}, title), code !== 'name_taken' && message && h('p', {}, message)),
        code === 'name_taken'
          ? h('button', { type: 'button', class: 'primary', onclick: this.#hooks.rename }, t('changeName'))
          : h('button', { type: 'button', class: 'primary', onclick: () => this.#chat.rejoin(room.name) }, t('joinAgain'))),
    };
  }

  // --- scrolling ----------------------------------------------------------------------------------------------

  /** The first message in sight. A day's line would not do: it moves up when earlier messages of its day come in. */
  #anchor() {
    const top = this.#log.scrollTop;
    for (const key of this.#keys) {
      const { el } = this.#cache.get(key);
      if (el.classList.contains('message') && el.offsetTop + el.offsetHeight > top) return { key, top: el.offsetTop };
    }
    return null;
  }

  #topOf(key) {
    return this.#cache.get(key)?.el.offsetTop ?? this.#log.scrollHeight;
  }

  #toBottom() {
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  #toNew() {
    this.#log.scrollTop = Math.max(0, this.#topOf('new') - this.#log.clientHeight / 4);
  }

  #scrolled() {
    const room = this.#room;
    if (!room || room !== this.#chat.activeRoom) return;
    const below = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight;
    this.#stick = below < STICKY_PX;
    if (this.#stick) this.#chat.read(room);
    if (this.#log.scrollTop < OLDER_PX) this.#chat.loadOlder(room);
    this.#jump.hidden = this.#stick || (room.unread === 0 && below < this.#log.clientHeight);
    const label = room.unread > 0 ? t('jumpToNew', room.unread) : t('jumpToNewest');
    if (!this.#jump.hidden && this.#jump.dataset.label !== label) {
      this.#jump.dataset.label = label;
      this.#jump.classList.toggle('news', room.unread > 0);
      this.#jump.replaceChildren(icon('down'), label);
    }
  }

  #clicked(event) {
    const target = event.target.closest('[data-act]');
    if (!target || !this.#room) return;
    const message = this.#find(target.closest('.message')?.dataset.key);
    if (target.dataset.act === 'quote') return this.#show(Number(target.dataset.seq));
    if (!message) return;
    if (target.dataset.act === 'retry') this.#chat.retry(this.#room, message);
    if (target.dataset.act === 'discard') this.#room.discard(message.mid);
    if (target.dataset.act === 'react') this.#chat.react(this.#room, message.seq, target.dataset.emoji, target.getAttribute('aria-pressed') !== 'true');
  }

  #show(seq) {
    const el = this.#log.querySelector(`[data-seq="${seq}"]`);
    if (!el) return;
    el.scrollIntoView({ block: 'center', behavior: calm() ? 'auto' : 'smooth' });
    el.classList.remove('flash');
    requestAnimationFrame(() => el.classList.add('flash'));
  }

  #find(key) {
    return [...(this.#room?.messages ?? []), ...(this.#room?.outgoing ?? [])].find((m) => m.key === key);
  }
}

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

function separator(kind, text) {
  return h('div', { class: `separator ${kind}`, role: 'separator', 'aria-label': text }, h('span', {}, text));
}
