import { batched, byId, h, icon, reconcile } from '../dom.js';
import { hashOfRoom, roomName } from '../format.js';
import { t } from '../i18n.js';
import { avatar } from './avatar.js';

export class SidebarView {
  #chat;
  #hooks;
  #cache = new Map();
  #list = byId('room-list');
  #input = byId('room-input');
  #draw = batched(() => this.#render());

  constructor(chat, hooks) {
    this.#chat = chat;
    this.#hooks = hooks;
    byId('me-button').append(avatar(chat.me), h('span', { class: 'me-name' }, chat.me), icon('edit'));
    byId('me-button').onclick = hooks.rename;
    byId('room-form').onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    this.#input.oninput = () => {
      this.#complain(false);
      this.#draw();
    };
    this.#input.onkeydown = (event) => {
      if (event.key !== 'Escape' || event.isComposing || this.#input.value === '') return;
      event.preventDefault();
      this.#input.value = '';
      this.#input.oninput();
    };
  }

  changed(what) {
    if (['active', 'rooms', 'newer', 'read', 'all', 'status', 'people'].includes(what)) this.#draw();
  }

  #submit() {
    if (this.#input.value.trim() === '') return;
    const name = roomName(this.#input.value);
    this.#complain(!name);
    if (!name) return;
    this.#input.value = '';
    this.#hooks.go(name);
    byId('composer').focus();
    this.#draw();
  }

  #complain(wrong) {
    byId('room-error').textContent = wrong ? t('roomBad') : '';
    this.#input.setAttribute('aria-invalid', String(wrong));
  }

  #render() {
    const { rooms, directory, active } = this.#chat;
    const typed = this.#input.value.trim().replace(/^#/, '').toLowerCase();
    const counts = new Map(directory.map((r) => [r.room, r.count]));
    const fits = (name) => typed === '' || name.toLowerCase().includes(typed);
    const mine = [...rooms.keys()].filter(fits);
    const others = directory.map((r) => r.room).filter((name) => !rooms.has(name) && fits(name));
    const rows = [
      ...this.#group('yourRooms', mine, (name) => ({ name, joined: true, current: name === active, unread: rooms.get(name).unread, count: rooms.get(name).count })),
      ...this.#group('otherRooms', others, (name) => ({ name, joined: false, current: false, unread: 0, count: counts.get(name) ?? 0 })),
    ];
    reconcile(this.#list, rows, this.#cache);
    byId('sidebar-open').classList.toggle('has-unread', [...rooms.values()].some((r) => r.unread > 0 && r.name !== active));
  }

  #group(title, names, describe) {
    if (names.length === 0) return [];
    const heading = { key: `h:${title}`, version: 1, make: () => h('h2', { class: 'list-heading' }, t(title)) };
    return [heading, ...names.map((name) => {
      const room = describe(name);
      return { key: `r:${name}`, version: JSON.stringify(room), make: () => this.#item(room) };
    })];
  }

  #item({ name, joined, current, unread, count }) {
    const badge = unread > 0
      ? h('span', { class: 'badge', 'aria-label': t('unread', unread) }, unread > 99 ? '99+' : String(unread))
      : h('span', { class: 'quiet-count', 'aria-label': t('memberCount', count) }, count > 0 ? String(count) : '');
    return h('div', { class: `room-row${unread > 0 && !current ? ' unread' : ''}` },
      h('a', {
        class: 'room-item', testid: 'room-item', data: { room: name, joined: String(joined) }, href: hashOfRoom(name),
        'aria-current': current ? 'page' : null, onclick: () => this.#hooks.drawers.close(),
      }, h('span', { class: 'hash', 'aria-hidden': 'true' }, '#'), h('span', { class: 'room-name', dir: 'auto' }, name), badge),
      joined && this.#chat.rooms.size > 1 && h('button', {
        class: 'icon-button leave', type: 'button', 'aria-label': t('leaveRoom', name), title: t('leaveRoom', name),
        onclick: () => this.#hooks.leave(name),
      }, icon('close')));
  }
}
