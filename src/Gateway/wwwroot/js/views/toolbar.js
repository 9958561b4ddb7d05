import { h, icon } from '../dom.js';
import { features } from '../features.js';
import { t } from '../i18n.js';

const QUICK = ['👍', '❤️', '😂', '🎉'];
const SURE_MS = 3_000;

/**
 * One toolbar for all messages: it moves into the message under the pointer, or that has the focus. Arrow keys in
 * the log walk over the messages; Tab then goes into the toolbar of that one.
 */
export class Toolbar {
  #log;
  #chat;
  #hooks;
  #find;
  #key = null;
  #el = h('div', { class: 'toolbar', role: 'toolbar', 'aria-label': t('messageActions') });

  constructor(log, chat, hooks, find) {
    this.#log = log;
    this.#chat = chat;
    this.#hooks = hooks;
    this.#find = find;
    log.addEventListener('pointerover', (event) => { if (event.pointerType === 'mouse') this.#over(event.target); });
    log.addEventListener('pointerleave', (event) => { if (event.pointerType === 'mouse' && !this.#el.contains(document.activeElement)) this.#hide(); });
    log.addEventListener('pointerup', (event) => { if (event.pointerType !== 'mouse' && !event.target.closest('button, a')) this.#tapped(event.target); });
    document.addEventListener('pointerdown', (event) => { if (!log.contains(event.target)) this.#hide(); });
    log.addEventListener('focusin', (event) => this.#over(event.target));
    log.addEventListener('keydown', (event) => this.#walk(event));
  }

  /** After the log was drawn: its message may be a new element now. */
  restore() {
    if (this.#key === null || this.#el.isConnected) return;
    const el = this.#element(this.#key);
    if (el) this.#attach(el);
    else this.#hide();
  }

  #over(target) {
    if (this.#el.contains(target)) return;
    const el = target.closest?.('.message');
    if (el && el.dataset.key !== this.#key) this.#attach(el);
  }

  /** A second tap on the message puts the toolbar away. */
  #tapped(target) {
    if (target.closest('.message')?.dataset.key === this.#key) this.#hide();
    else this.#over(target);
  }

  #attach(el) {
    const message = this.#find(el.dataset.key);
    if (!message || message.seq === null || message.deleted) return this.#hide();
    this.#key = el.dataset.key;
    this.#fill(message);
    el.append(this.#el);
    return undefined;
  }

  #hide() {
    this.#key = null;
    this.#el.remove();
  }

  #fill(message) {
    const room = this.#chat.activeRoom;
    const mine = (emoji) => message.reactions[emoji]?.includes(this.#chat.me) ?? false;
    this.#el.replaceChildren(
      ...(features.react ? QUICK : []).map((emoji) => h('button', {
        type: 'button', class: 'icon-button emoji', 'aria-label': `${t('react')} ${emoji}`, 'aria-pressed': String(mine(emoji)),
        onclick: () => this.#chat.react(room, message.seq, emoji, !mine(emoji)),
      }, emoji)),
      action('reply', () => this.#hooks.reply(message)),
      ...(features.edit && message.own ? [action('edit', () => this.#hooks.edit(message))] : []),
      ...(features.delete && message.own ? [this.#deletion(room, message)] : []),
    );
  }

  /** What is deleted is gone for good, so it takes two presses. */
  #deletion(room, message) {
    const button = action('delete', () => {
      if (button.classList.contains('sure')) return this.#chat.delete(room, message.seq);
      button.classList.add('sure');
      button.replaceChildren(`${t('delete')}?`);
      return setTimeout(() => {
        button.classList.remove('sure');
        button.replaceChildren(icon('trash'));
      }, SURE_MS);
    }, 'trash');
    return button;
  }

  #walk(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || event.target.closest('.toolbar')) return;
    const all = [...this.#log.querySelectorAll('.message')];
    const at = all.indexOf(document.activeElement.closest('.message'));
    const next = at < 0 ? all.at(-1) : all[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
  }

  #element(key) {
    return [...this.#log.querySelectorAll('.message')].find((el) => el.dataset.key === key);
  }
}

function action(name, act, picture = name) {
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': t(name), title: t(name), onclick: act }, icon(picture));
}
