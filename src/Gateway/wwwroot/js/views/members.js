import { batched, byId, h, reconcile } from '../dom.js';
import { locale, t } from '../i18n.js';
import { avatar } from './avatar.js';

const SHOWN = 200;
const byName = new Intl.Collator(locale).compare;

export class MembersView {
  #chat;
  #cache = new Map();
  #list = byId('member-list');
  #asked = null;             // the large room whose members were fetched
  #fetched = [];
  #draw = batched(() => this.#render());

  constructor(chat, { drawers }) {
    this.#chat = chat;
    drawers.onMembers = () => {
      this.#asked = null;
      this.#draw();
    };
  }

  changed(what, model) {
    if (what === 'active' || (what === 'people' && model === this.#chat.activeRoom)) this.#draw();
  }

  #render() {
    const room = this.#chat.activeRoom;
    if (!room || byId('members').hidden) return;
    if (!room.members && room.status === 'joined' && this.#asked !== room) this.#fetch(room);
    const me = this.#chat.me;
    const names = [...(room.members ?? (this.#asked === room ? this.#fetched : []))]
      .sort((a, b) => (b === me) - (a === me) || byName(a, b)).slice(0, SHOWN);
    const rows = names.map((name) => ({ key: name, version: 1, make: () => this.#row(name) }));
    const hidden = room.count - names.length;
    if (names.length > 0 && hidden > 0) rows.push({ key: '\0more', version: hidden, make: () => h('li', { class: 'more-members' }, t('membersMore', hidden)) });
    reconcile(this.#list, rows, this.#cache);
  }

  #row(name) {
    return h('li', { class: 'member' }, avatar(name, 'small'), h('span', { class: 'member-name', dir: 'auto' }, name),
      name === this.#chat.me && h('span', { class: 'member-you' }, t('you')));
  }

  async #fetch(room) {
    this.#asked = room;
    this.#fetched = [];
    this.#fetched = await this.#chat.listMembers(room).catch(() => []);
    this.#draw();
  }
}
