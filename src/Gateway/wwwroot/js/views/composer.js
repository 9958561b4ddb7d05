import { byId, h, icon } from '../dom.js';
import { features } from '../features.js';
import { bytesOf } from '../format.js';
import { t } from '../i18n.js';

const NEAR_LIMIT = 0.9;

export class ComposerView {
  #chat;
  #room = null;
  #input = byId('composer');
  #context = byId('composer-context');
  #about = null;             // { kind: 'reply' | 'edit', message }
  #composing = false;

  constructor(chat) {
    this.#chat = chat;
    byId('send').append(icon('send'));
    byId('composer-form').onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    this.#input.oninput = () => this.#typed();
    this.#input.onkeydown = (event) => this.#key(event);
    this.#input.addEventListener('compositionstart', () => { this.#composing = true; });
    // Safari sends the Enter that ends a composition after compositionend: it is still part of it.
    this.#input.addEventListener('compositionend', () => setTimeout(() => { this.#composing = false; }));
    this.#refresh();
  }

  changed(what) {
    if (what === 'active' && this.#chat.activeRoom !== this.#room) this.#switch();
    if (what === 'status' || what === 'connection') this.#refresh();
  }

  reply(message) {
    this.#setAbout({ kind: 'reply', message });
  }

  edit(message) {
    this.#setAbout({ kind: 'edit', message });
    this.#input.value = message.text;
    this.#refresh();
  }

  #switch() {
    if (this.#room) this.#room.draft = this.#about?.kind === 'edit' ? '' : this.#input.value;
    this.#room = this.#chat.activeRoom;
    this.#setAbout(null, { focus: matchMedia('(pointer: fine)').matches });
    this.#input.value = this.#room.draft;
    const label = t('composerLabel', this.#room.name);
    this.#input.placeholder = label;
    this.#input.setAttribute('aria-label', label);
    this.#refresh();
  }

  #setAbout(about, { focus = true } = {}) {
    if (this.#about?.kind === 'edit' && about?.kind !== 'edit') this.#input.value = '';
    this.#about = about;
    this.#context.hidden = !about;
    this.#context.replaceChildren();
    if (about) {
      const { kind, message } = about;
      this.#context.append(icon(kind === 'edit' ? 'edit' : 'reply'),
        h('span', { class: 'context-title' }, kind === 'edit' ? t('editing') : t('replyTo', message.from)),
        h('span', { class: 'context-text', dir: 'auto' }, message.text),
        h('button', { type: 'button', class: 'icon-button', 'aria-label': t('cancel'), title: t('cancel'), onclick: () => this.#cancel() }, icon('close')));
    }
    if (focus) this.#input.focus({ preventScroll: true });
  }

  #cancel() {
    this.#setAbout(null);
    this.#refresh();
  }

  #typed() {
    if (this.#room && this.#input.value !== '') this.#chat.typing(this.#room);
    this.#refresh();
  }

  #key(event) {
    if (event.isComposing || this.#composing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === 'Escape' && this.#about) {
      event.preventDefault();
      this.#cancel();
    } else if (features.edit && event.key === 'ArrowUp' && this.#input.value === '' && !this.#about) {
      const mine = this.#room?.messages.findLast((m) => m.own && !m.deleted);
      if (!mine) return;
      event.preventDefault();
      this.edit(mine);
    }
  }

  #submit() {
    const text = this.#input.value.trim();
    if (!this.#room || text === '' || bytesOf(text) > this.#chat.max || !this.#writable()) return;
    const about = this.#about;
    this.#input.value = '';
    this.#room.draft = '';
    if (about?.kind === 'edit') {
      if (text !== about.message.text) this.#chat.edit(this.#room, about.message.seq, text);
    } else {
      this.#chat.send(this.#room, text, about?.message.seq);
    }
    this.#about = null;
    this.#setAbout(null);
    this.#refresh();
  }

  /** Also while the connection is away: what is sent then goes out as soon as it is back. */
  #writable() {
    return this.#room?.status === 'joined' && this.#chat.connection.state !== 'closed';
  }

  #refresh() {
    const text = this.#input.value;
    const left = this.#chat.max - bytesOf(text.trim());
    const limit = byId('composer-limit');
    limit.textContent = left < this.#chat.max * (1 - NEAR_LIMIT) ? t('bytesLeft', left) : '';
    limit.classList.toggle('over', left < 0);
    this.#input.disabled = this.#room?.status === 'refused' || this.#room?.status === 'kicked';
    byId('send').disabled = text.trim() === '' || left < 0 || !this.#writable();
    this.#input.style.height = 'auto';
    this.#input.style.height = `${this.#input.scrollHeight}px`;
  }
}
