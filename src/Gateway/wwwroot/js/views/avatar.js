import { h } from '../dom.js';
import { hueOf, initialOf } from '../format.js';

export function avatar(name, size = '') {
  return h('span', { class: `avatar ${size}`, 'aria-hidden': 'true', vars: { '--hue': hueOf(name) } }, initialOf(name));
}
