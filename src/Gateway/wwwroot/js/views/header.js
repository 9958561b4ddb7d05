import { byId, h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { toast } from './toast.js';

export class HeaderView {
  #chat;
  #count = h('span', { testid: 'member-count' });

  constructor(chat) {
    this.#chat = chat;
    byId('members-button').append(icon('people'), this.#count);
    byId('copy-link').append(icon('link'));
    byId('copy-link').onclick = () => this.#copy();
    // The clipboard is for secure origins only; a button that cannot work is not shown.
    byId('copy-link').hidden = !navigator.clipboard;
  }

  changed(what, model) {
    if (what !== 'active' && model !== this.#chat.activeRoom) return;
    const room = this.#chat.activeRoom;
    if (!room) return;
    byId('room-title').textContent = room.name;
    // Who is in a room that one is not in is nobody's guess.
    const inside = room.status === 'joined';
    this.#count.textContent = inside ? String(room.count) : '';
    const label = inside ? `${t('members')}: ${t('memberCount', room.count)}` : t('members');
    byId('members-button').setAttribute('aria-label', label);
    byId('members-button').title = label;
  }

  async #copy() {
    await navigator.clipboard.writeText(location.href).then(() => toast(t('linkCopied')), () => {});
  }
}
