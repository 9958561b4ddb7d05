import { locale, t } from './i18n.js';

const time = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' });
const full = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium' });
const weekday = new Intl.DateTimeFormat(locale, { weekday: 'long', month: 'long', day: 'numeric' });
const long = new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'long', day: 'numeric' });
const encoder = new TextEncoder();

export const timeOf = (ts) => time.format(ts);
export const fullTimeOf = (ts) => full.format(ts);
export const bytesOf = (text) => encoder.encode(text).length;

/** Local calendar day as a number that grows by about one a day; equal for two times on the same day. */
export function dayOf(ts) {
  const d = new Date(ts);
  return Math.floor(Date.UTC(d.getFullYear(), d.getMonth(), d.getDate()) / 86_400_000);
}

export function dayName(ts, now = Date.now()) {
  const ago = dayOf(now) - dayOf(ts);
  if (ago === 0) return t('today');
  if (ago === 1) return t('yesterday');
  return (ago > 0 && ago < 300 ? weekday : long).format(ts);
}

/** The same hue for the same name on every device (FNV-1a). */
export function hueOf(name) {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return Math.floor((hash / 2 ** 32) * 24) * 15;
}

/** One letter, whole: an emoji or a letter with marks is not cut in two. */
export function initialOf(name) {
  const segments = Intl.Segmenter ? new Intl.Segmenter(locale).segment(name.trim()) : [...name.trim()].map((segment) => ({ segment }));
  for (const { segment } of segments) return segment.toLocaleUpperCase(locale);
  return '?';
}

/**
 * Cuts text into plain strings and `{ href, text }`. Only http and https become links, and only as the URL parser
 * understands them; punctuation that ends a sentence, and a bracket that was opened before the link, stay outside.
 */
export function linkify(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"'`\u3000-\u303f\uff00-\uff65]+/gi)) {
    let link = match[0];
    for (;;) {
      if (/[.,;:!?…]$/.test(link)) link = link.slice(0, -1);
      else if (/[)\]}]$/.test(link) && !balanced(link)) link = link.slice(0, -1);
      else break;
    }
    let href;
    try {
      href = new URL(link);
    } catch {
      continue;
    }
    if (href.protocol !== 'http:' && href.protocol !== 'https:') continue;
    // https://good.example@evil.example leads to evil.example: "good.example" is a user's name there.
    if (href.username !== '' || href.password !== '') continue;
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push({ href: href.href, text: link });
    end = match.index + link.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

function balanced(link) {
  const [open, close] = { ')': ['(', ')'], ']': ['[', ']'], '}': ['{', '}'] }[link.at(-1)];
  return link.split(open).length >= link.split(close).length;
}

/**
 * Rooms as people look for them: where somebody is comes first, the fullest before others; then by name, with those last that begin with
 * a sign, which only puts a name in front.
 */
export const byPeople = (rooms) => rooms.map((room, at) => ({ room, at, sign: /^[^\p{L}\p{Nd}]/u.test(room.room) }))
  .sort((a, b) => b.room.count - a.room.count || a.sign - b.sign || a.at - b.at).map(({ room }) => room);

/** What the user typed, as a room name, or null (protocol, section 3). */
export function roomName(typed) {
  const name = typed.trim().replace(/^#/, '').replace(/\s+/g, '-').normalize('NFC');
  const known = /^[\p{L}\p{M}\p{Nd}._:-]+$/u.test(name) && !/^\.\.?$|\p{DI}/u.test(name) && [...name].length <= 128;
  return known && hasOneSpelling(name) ? name : null;
}

/** No other form of the same characters (Thai and Lao need theirs), and one of the scripts that look like each other. */
function hasOneSpelling(name) {
  const rest = name.replace(/[\u0e33\u0eb3\u0edc\u0edd]/g, '-');
  return rest === rest.normalize('NFKC') && [/\p{sc=Latn}/u, /\p{sc=Grek}/u, /\p{sc=Cyrl}/u].filter((script) => script.test(name)).length <= 1;
}

export const roomOfHash = (hash) => {
  const match = /^#\/r\/(.+)$/.exec(hash);
  if (!match) return null;
  try {
    return roomName(decodeURIComponent(match[1]));
  } catch {
    return null;
  }
};

export const hashOfRoom = (room) => `#/r/${encodeURIComponent(room)}`;
