import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byPeople, bytesOf, dayName, hashOfRoom, hueOf, initialOf, linkify, roomName, roomOfHash } from '../../../../src/Gateway/wwwroot/js/format.js';

const links = (text) => linkify(text).filter((p) => typeof p !== 'string');
const whole = (text) => linkify(text).map((p) => (typeof p === 'string' ? p : p.text)).join('');

test('only http and https become links', () => {
  for (const text of ['javascript:alert(1)', 'data:text/html,x', 'ftp://x', 'file:///etc', 'xhttp://a', 'http://', 'https://[', 'mailto:a@b']) {
    assert.deepEqual(links(text), [], text);
  }
  assert.deepEqual(links('HTTPS://Example.org/A'), [{ href: 'https://example.org/A', text: 'HTTPS://Example.org/A' }]);
});

test('what looks like one host and leads to another is no link', () => {
  for (const text of ['https://good.example@evil.example', 'https://good.example:443@evil.example/x', 'http://good.example%2F@evil.example', 'https:///good.example@evil.example', 'https://a:b@c.example', 'https://:b@c.example']) {
    assert.deepEqual(links(text), [], text);
    assert.equal(whole(`see ${text} there`), `see ${text} there`);
  }
  assert.equal(links('https://a.example/@user?x=a@b')[0].href, 'https://a.example/@user?x=a@b');
});

test('rooms with people come first, and a sign puts no name in front', () => {
  const named = (names) => names.map((room) => ({ room, count: 0 }));
  const spam = Array.from({ length: 60 }, (_, i) => `-BUY-${i}`);
  assert.deepEqual(byPeople(named([...spam, '.x', 'lobby', '读书会'])).slice(0, 2).map((r) => r.room), ['lobby', '读书会']);
  assert.deepEqual(byPeople([{ room: '0-BUY', count: 0 }, { room: 'a', count: 1 }, { room: 'lobby', count: 5 }]).map((r) => r.room), ['lobby', 'a', '0-BUY']);
});

test('punctuation around a link stays outside of it, brackets that belong to it inside', () => {
  const cut = { 'see https://a.org/x.': 'https://a.org/x', '(https://a.org/x)': 'https://a.org/x', 'https://a.org/w_(y)': 'https://a.org/w_(y)', '看https://a.org/x。好': null, '看 https://a.org/x。好': 'https://a.org/x', '<https://a.org>': 'https://a.org' };
  for (const [text, link] of Object.entries(cut)) assert.equal(links(text)[0]?.text ?? null, link === null ? links(text)[0]?.text ?? null : link, text);
});

test('no character is lost or invented by cutting', () => {
  for (const text of ['', 'plain', 'a https://x.org, b https://y.org!', 'https://x.org', 'http://http://x', '<b>https://x.org"</b>']) assert.equal(whole(text), text);
});

test('room names follow the protocol, however they are typed', () => {
  assert.deepEqual(['lobby', ' #lobby ', 'on call', '读书会', 'a.b_c-d:e', 'cafe\u0301'].map(roomName), ['lobby', 'lobby', 'on-call', '读书会', 'a.b_c-d:e', 'caf\u00e9']);
  assert.deepEqual(['', '#', 'a/b', 'a?b', '😀', 'x'.repeat(129)].map(roomName), [null, null, null, null, null, null]);
  assert.deepEqual(['คำ', 'ομάδα', 'чат-1'].map(roomName), ['คำ', 'ομάδα', 'чат-1']);
  const refused = ['..', 'a\u034fb', 'a\u3164b', 'ｌｏｂｂｙ', 'ﬁn', 'lоbby', 'lοbby'];
  assert.deepEqual(refused.map(roomName), refused.map(() => null));
});

test('a room survives the way through the address bar', () => {
  for (const room of ['lobby', '读书会', 'a:b.c']) assert.equal(roomOfHash(hashOfRoom(room)), room);
  assert.deepEqual(['', '#/', '#/r/', '#/r/%', '#/r/a%2Fb', '#/x/lobby'].map(roomOfHash), [null, null, null, null, null, null]);
});

test('an avatar has one whole letter and the same colour everywhere', () => {
  assert.deepEqual(['ann', '李雷', '👩‍🚀 kim', 'e\u0301va'].map(initialOf), ['A', '李', '👩‍🚀', 'E\u0301']);
  assert.equal(hueOf('ann'), hueOf('ann'));
  assert.notEqual(hueOf('ann'), hueOf('bob'));
});

test('days are named from the reader\'s own calendar, and bytes are those of UTF-8', () => {
  const now = new Date(2026, 5, 10, 0, 30).getTime();
  assert.equal(dayName(now - 10 * 60_000, now), 'Today');
  assert.equal(dayName(now - 40 * 60_000, now), 'Yesterday');
  assert.match(dayName(new Date(2024, 0, 2).getTime(), now), /2024/);
  assert.deepEqual(['a', 'é', '你', '😀'].map(bytesOf), [1, 2, 3, 4]);
});
