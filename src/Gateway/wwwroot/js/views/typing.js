import { batched, byId } from '../dom.js';
import { t } from '../i18n.js';

export class TypingView {
  #chat;
  #timer = null;
  #el = byId('typing');
  #draw = batched(() => this.#render());

  constructor(chat) {
    this.#chat = chat;
  }

  changed(what, model) {
    if (what === 'active' || ((what === 'typing' || what === 'newer') && model === this.#chat.activeRoom)) this.#draw();
  }

  #render() {
    const names = this.#chat.activeRoom?.typers(Date.now()) ?? [];
    this.#el.textContent = ['', t('typing1', names[0]), t('typing2', names[0], names[1])][names.length] ?? t('typingMany');
    this.#el.classList.toggle('active', names.length > 0);
    clearTimeout(this.#timer);
    if (names.length > 0) this.#timer = setTimeout(this.#draw, 1000);
  }
}
