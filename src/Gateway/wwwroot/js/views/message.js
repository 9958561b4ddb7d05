import { h, icon } from '../dom.js';
import { features } from '../features.js';
import { fullTimeOf, hueOf, linkify, timeOf } from '../format.js';
import { t } from '../i18n.js';
import { avatar } from './avatar.js';

const NAMED_READERS = 3;

/** One message as an element. It is made anew when the message changes, so it holds no state of its own. */
export function messageElement(message, { grouped, quoted, readers, me }) {
  const { from, ts, state, seq, mid, deleted } = message;
  return h('article', {
    class: `message${grouped ? ' grouped' : ''}${message.own ? ' own' : ''}${deleted ? ' gone' : ''}`,
    testid: 'message', tabindex: '-1', data: { key: message.key, mid, state, ...(seq !== null && { seq }) },
    'aria-label': `${from}, ${timeOf(ts)}`,
  },
  h('div', { class: 'gutter' }, grouped ? time(ts) : avatar(from)),
  h('div', { class: 'body' },
    !grouped && h('header', { class: 'byline' }, h('span', { class: 'author', dir: 'auto', vars: { '--hue': hueOf(from) } }, from), time(ts)),
    message.reply !== null && quote(message.reply, quoted),
    h('div', { class: 'text-row' }, text(message), mark(message)),
    reactions(message, me),
    state === 'failed' && h('div', { class: 'failure', role: 'alert' }, icon('warn'), t('failed'),
      h('button', { type: 'button', class: 'link-button', data: { act: 'retry' } }, t('retry')),
      h('button', { type: 'button', class: 'link-button', data: { act: 'discard' } }, t('discard'))),
    readers.length > 0 && h('div', { class: 'readers' }, readers.length > NAMED_READERS ? t('seenByMany', readers.length) : t('seenBy', readers.join(', ')))));
}

function text(message) {
  if (message.deleted) return h('p', { class: 'message-text', testid: 'message-text' }, t('deleted'));
  const parts = linkify(message.text).map((part) => (typeof part === 'string'
    ? part
    : h('a', { href: part.href, target: '_blank', rel: 'noopener noreferrer' }, part.text)));
  const p = h('p', { class: `message-text${onlyEmoji(message.text) ? ' big' : ''}`, testid: 'message-text', dir: 'auto' }, ...parts);
  return message.edited ? h('div', { class: 'edited-wrap' }, p, h('span', { class: 'edited' }, t('edited'))) : p;
}

function onlyEmoji(value) {
  return value.length <= 24 && /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s)+$/u.test(value) && /\p{Extended_Pictographic}/u.test(value);
}

/** Own messages only: on its way, or durable on the server. */
function mark(message) {
  if (!message.own || message.state === 'failed' || message.deleted) return null;
  const kind = message.state === 'pending' ? 'pending' : 'sent';
  return h('span', { class: `mark ${kind}`, role: 'img', 'aria-label': t(kind), title: t(kind) }, icon(kind === 'pending' ? 'clock' : 'check'));
}

function quote(seq, quoted) {
  const excerpt = !quoted ? t('originalGone') : quoted.deleted ? t('deleted') : quoted.text.replace(/\s+/g, ' ').slice(0, 160);
  return h('button', { type: 'button', class: 'quote', data: { act: 'quote', seq }, disabled: !quoted },
    quoted && h('span', { class: 'quote-author', vars: { '--hue': hueOf(quoted.from) } }, quoted.from), h('span', { class: 'quote-text', dir: 'auto' }, excerpt));
}

function reactions(message, me) {
  const all = Object.entries(message.reactions);
  if (all.length === 0) return null;
  return h('div', { class: 'reactions' }, all.map(([emoji, who]) => h('button', {
    type: 'button', class: 'reaction', data: { act: 'react', emoji }, 'aria-pressed': String(who.includes(me)), disabled: !features.react,
    title: who.slice(0, 20).join(', '), 'aria-label': `${emoji} ${who.length}`,
  }, h('span', {}, emoji), h('span', { class: 'reaction-count' }, String(who.length)))));
}

function time(ts) {
  return h('time', { datetime: new Date(ts).toISOString(), title: fullTimeOf(ts) }, timeOf(ts));
}
