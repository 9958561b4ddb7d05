import { byId, h } from '../dom.js';
import { t } from '../i18n.js';

/** How soon the banner speaks up: a hand-over to another gateway takes less, and is nobody's concern. */
const PATIENCE_MS = 700;

export class ConnectionView {
  #chat;
  #rename;
  #timer = null;
  #ticker = null;
  #text = h('span');

  constructor(chat, { rename }) {
    this.#chat = chat;
    this.#rename = rename;
  }

  changed(what) {
    if (what !== 'connection') return;
    const { state, transport } = this.#chat.connection;
    const badge = byId('connection-state');
    const shown = { online: 'online', connecting: 'connecting', idle: 'connecting' }[state] ?? 'offline';
    badge.dataset.state = shown;
    badge.title = t(shown === 'online' && transport === 'http' ? 'onlineHttp' : shown);
    badge.setAttribute('aria-label', badge.title);
    byId('app').dataset.connection = shown;
    clearInterval(this.#ticker);
    if (state === 'online') return this.#hide();
    if (state === 'closed' && this.#chat.connection.code === 1000) return this.#hide();
    if (!byId('banner').hidden) return this.#show();
    this.#timer ??= setTimeout(() => this.#show(), PATIENCE_MS);
    return undefined;
  }

  #hide() {
    clearTimeout(this.#timer);
    this.#timer = null;
    byId('banner').hidden = true;
  }

  #show() {
    const { state, reason, error } = this.#chat.connection;
    const banner = byId('banner');
    banner.hidden = false;
    banner.dataset.state = state;
    banner.replaceChildren(this.#text);
    if (state === 'connecting' || state === 'idle') this.#text.textContent = t('connecting');
    else if (state === 'closed') {
      this.#text.textContent = [t('closed'), reason].filter(Boolean).join(' ');
      banner.append(button(t('reconnect'), () => this.#chat.retryNow()));
      if (error?.code === 'bad_name') banner.append(button(t('changeName'), this.#rename));
    } else {
      this.#countDown();
      this.#ticker = setInterval(() => this.#countDown(), 1000);
      banner.append(button(t('retryNow'), () => this.#chat.retryNow()));
    }
  }

  #countDown() {
    this.#text.textContent = t('retryIn', Math.max(0, Math.ceil((this.#chat.connection.retryAt - Date.now()) / 1000)));
  }
}

function button(text, act) {
  return h('button', { type: 'button', class: 'link-button', onclick: act }, text);
}
