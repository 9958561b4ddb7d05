import { byId, icon } from '../dom.js';

const WIDE = matchMedia('(min-width: 1100px)');
const NARROW = matchMedia('(max-width: 760px)');

/** The two side panels: columns where there is room, drawers over the page where there is not. */
export class Drawers {
  #app = byId('app');
  #sidebar = byId('sidebar');
  #members = byId('members');
  #opener = null;
  #wantsMembers = WIDE.matches;

  constructor() {
    byId('sidebar-open').append(icon('menu'));
    byId('sidebar-close').append(icon('close'));
    byId('members-close').append(icon('close'));
    byId('sidebar-open').onclick = () => this.#openSidebar();
    byId('sidebar-close').onclick = () => this.close();
    byId('members-button').onclick = () => this.showMembers(this.#members.hidden);
    byId('members-close').onclick = () => this.showMembers(false);
    byId('scrim').onclick = () => this.close();
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing) this.close();
    });
    WIDE.addEventListener('change', () => this.showMembers(WIDE.matches && this.#wantsMembers));
    NARROW.addEventListener('change', () => this.close());
    this.showMembers(WIDE.matches);
    this.#settle();
  }

  #openSidebar() {
    this.#opener = document.activeElement;
    this.#app.classList.add('sidebar-open');
    this.#settle();
    byId('room-list').querySelector('a')?.focus();
  }

  showMembers(show) {
    if (WIDE.matches) this.#wantsMembers = show;
    const hadFocus = this.#members.contains(document.activeElement);
    this.#members.hidden = !show;
    byId('members-button').setAttribute('aria-expanded', String(show));
    this.onMembers?.(show);
    this.#settle();
    if (!show && hadFocus) byId('members-button').focus();
    else if (show && !WIDE.matches) byId('members-close').focus();
  }

  close() {
    const wasOpen = this.#app.classList.contains('sidebar-open');
    this.#app.classList.remove('sidebar-open');
    if (!WIDE.matches && !this.#members.hidden) this.showMembers(false);
    this.#settle();
    if (wasOpen) this.#opener?.focus();
    this.#opener = null;
  }

  #settle() {
    const open = this.#app.classList.contains('sidebar-open');
    byId('sidebar-open').setAttribute('aria-expanded', String(open));
    this.#sidebar.inert = NARROW.matches && !open;
    this.#app.classList.toggle('members-open', !this.#members.hidden);
  }
}
