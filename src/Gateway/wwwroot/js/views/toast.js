import { byId } from '../dom.js';

let timer;

export function toast(text, { lasting = false } = {}) {
  const el = byId('toast');
  el.textContent = text;
  el.classList.add('shown');
  clearTimeout(timer);
  timer = setTimeout(() => el.classList.remove('shown'), lasting ? 15_000 : 4_000);
}
