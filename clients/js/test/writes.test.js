import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuid } from '../util.js';
import { inLobby, machine, msg, reconnect } from './kit.js';

test('a send exposes its mid at once and resolves with the ack', async () => {
  const m = await inLobby(3);
  const sending = m.room.send('hi', { reply: 2, data: { a: 1 } });
  const frame = m.server.socket.last('send');
  assert.equal(sending.mid, frame.mid);
  assert.match(frame.mid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual({ ...frame, id: 0, mid: 0 }, { id: 0, t: 'send', room: 'lobby', mid: 0, text: 'hi', reply: 2, data: { a: 1 } });
  m.server.socket.ack(frame, 4);
  assert.deepEqual(await sending, { room: 'lobby', mid: frame.mid, seq: 4, ts: 1, dup: false });
});

test('unacked writes go out again in order with the same mids after a drop, and only then newer ones', async () => {
  const m = await inLobby(0, { options: { window: 8 } });
  const all = ['a', 'b', 'c'].map((text) => m.room.send(text));
  const first = m.server.socket.of('send');
  m.server.socket.ack(first[0], 1);
  await all[0];
  m.server.socket.drop(3008);
  const late = m.room.send('d');
  await m.clock.advance(600);
  const socket = m.server.socket;
  assert.equal(socket.of('send').length, 0, 'not before the room is joined again');
  socket.joined({ seq: 1, msgs: [msg(1)] });
  assert.deepEqual(socket.of('send').map((f) => [f.text, f.mid]), [['b', all[1].mid], ['c', all[2].mid], ['d', late.mid]]);
  socket.of('send').forEach((f, i) => socket.ack(f, i + 2, { dup: i === 0 }));
  assert.equal((await all[1]).dup, true);
  assert.equal((await late).seq, 4);
});

test('nothing is said to a socket that is closing, and what was meant for it goes out on the next one', async () => {
  const m = await inLobby(0, { options: { window: 8 } });
  const closing = m.server.socket;
  closing.readyState = 2;
  const sending = m.room.send('a');
  assert.equal(closing.of('send').length, 0);
  closing.drop(3001);
  await m.clock.advance(600);
  const socket = m.server.socket;
  socket.joined({ seq: 0 });
  socket.ack(socket.last('send'), 1);
  assert.equal((await sending).seq, 1);
});

test('with the default window a later write waits for the earlier one, so nothing can overtake', async () => {
  const m = await inLobby(0);
  const [a, b] = [m.room.send('a'), m.room.send('b')];
  const socket = m.server.socket;
  assert.deepEqual(socket.of('send').map((f) => f.text), ['a']);
  socket.say({ t: 'error', id: socket.last('send').id, code: 'rate_limited', message: '', temporary: true, retryMs: 500 });
  await m.clock.advance(499);
  assert.equal(socket.of('send').length, 1);
  await m.clock.advance(1);
  assert.deepEqual(socket.of('send').map((f) => f.text), ['a', 'a']);
  assert.equal(socket.of('send')[1].mid, a.mid);
  socket.ack(socket.last('send'), 1);
  assert.equal(socket.last('send').text, 'b');
  socket.ack(socket.last('send'), 2);
  assert.deepEqual([(await a).seq, (await b).seq], [1, 2]);
});

test('rooms do not wait for each other', async () => {
  const m = await inLobby(0);
  const joining = m.client.join('other');
  m.server.socket.joined({ room: 'other' });
  const other = await joining;
  m.room.send('a').catch(() => {});
  other.send('b').catch(() => {});
  assert.deepEqual(m.server.socket.of('send').map((f) => f.room), ['lobby', 'other']);
});

test('a permanent error rejects its own write and lets the next one go', async () => {
  const m = await inLobby(0);
  const [a, b] = [m.room.send('a'), m.room.send('b')];
  m.server.socket.say({ t: 'error', id: m.server.socket.last('send').id, code: 'too_long', message: 'text is too long', temporary: false });
  await assert.rejects(a, { code: 'too_long', message: 'text is too long', temporary: false });
  m.server.socket.ack(m.server.socket.last('send'), 1);
  assert.equal((await b).seq, 1);
});

for (const [what, write] of Object.entries({
  'a text of controls, whose JSON is six times as long,': (room) => room.send('\u0001'.repeat(40_000)),
  'a text of many bytes': (room) => room.send('\u8bfb'.repeat(80_000)),
  'data': (room) => room.send('x', { data: { a: 'x'.repeat(300_000) } }),
  'an edit': (room) => room.edit(1, 'x'.repeat(300_000)),
})) {
  test(`${what} over the limit of a frame is refused by name, and costs neither the connection nor the next write`, async () => {
    const m = await inLobby(0);
    const [a, b] = [write(m.room), m.room.send('b')];
    await assert.rejects(a, { code: 'too_long', temporary: false });
    assert.deepEqual(m.server.socket.of('send').map((f) => f.text), ['b']);
    m.server.socket.ack(m.server.socket.last('send'), 1);
    assert.equal((await b).seq, 1);
    assert.equal(m.client.state, 'online');
  });
}

test('any text within max goes out, however long its JSON is', async () => {
  const m = await inLobby(0);
  m.room.send('\u0001'.repeat(16_384)).catch(() => {});
  assert.equal(m.server.socket.of('send').length, 1);
});

test('the limit of a frame goes with the longest text of the server', async () => {
  const m = await inLobby(0);
  const text = 'x'.repeat(5_000);
  m.room.send(text).catch(() => {});
  assert.equal(m.server.socket.of('send').length, 1);
  m.server.max = 10;
  const socket = await reconnect(m);
  socket.joined();
  assert.equal(socket.of('send').length, 0);
});

test('a request that is too long for a frame is refused by name', async () => {
  const m = await inLobby(0);
  await assert.rejects(m.client.rooms({ prefix: 'x'.repeat(300_000) }), { code: 'too_long' });
  await assert.rejects(m.client.join('x'.repeat(300_000)), { code: 'too_long' });
  assert.equal(m.client.state, 'online');
});

test('a hello that is too long for a frame ends the client by name', async () => {
  const m = machine({ name: 'x'.repeat(300_000) });
  await assert.rejects(m.client.connect(), { code: 'too_long' });
});

test('a write that gets no answer is sent again with its mid', async () => {
  const m = await inLobby(0);
  const a = m.room.send('a');
  await m.clock.advance(15_000);
  const [first, second] = m.server.socket.of('send');
  assert.equal(first.mid, second.mid);
  assert.notEqual(first.id, second.id);
  m.server.socket.ack(first, 1);
  assert.equal((await a).seq, 1);
});

test('a stream of new writes does not put off the second try of an old one', async () => {
  const m = await inLobby(0);
  m.room.send('a').catch(() => {});
  for (let i = 0; i < 4; i++) {
    await m.clock.advance(4000);
    m.room.send('more').catch(() => {});
  }
  assert.equal(m.server.socket.of('send').length, 2);
});

test('not_joined in the middle of a joined room joins again and keeps the write', async () => {
  const m = await inLobby(0);
  const a = m.room.send('a');
  const refuse = () => m.server.socket.say({ t: 'error', id: m.server.socket.last('send').id, code: 'not_joined', message: '', temporary: false });
  refuse();
  assert.equal(m.server.socket.of('join').length, 2);
  m.server.socket.joined();
  assert.equal(m.server.socket.of('send').length, 2);
  refuse();
  await assert.rejects(a, { code: 'not_joined' });
});

test('edit, delete and react are writes with mids of their own', async () => {
  const m = await inLobby(3, { options: { window: 8 } });
  for (const p of [m.room.edit(1, 'x'), m.room.delete(2), m.room.react(3, '👍', false)]) p.catch(() => {});
  assert.deepEqual(m.server.socket.sent.slice(-3).map(({ id, mid, ...f }) => f), [
    { t: 'edit', room: 'lobby', of: 1, text: 'x' },
    { t: 'delete', room: 'lobby', of: 2 },
    { t: 'react', room: 'lobby', of: 3, emoji: '👍', on: false },
  ]);
});

test('a mid given by the application is used, so that a failed message can be retried as itself', async () => {
  const m = await inLobby(0);
  assert.equal(m.room.send('a', { mid: 'mine' }).mid, 'mine');
  assert.equal(m.server.socket.last('send').mid, 'mine');
  const socket = await reconnect(m);
  socket.joined();
  assert.equal(socket.last('send').mid, 'mine');
});

test('mids are UUIDs also where crypto.randomUUID, or all of crypto, is missing', () => {
  const v4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const made = [uuid(), uuid({ getRandomValues: (b) => b.fill(255) }), uuid(null), uuid(null)];
  for (const id of made) assert.match(id, v4);
  assert.equal(new Set(made).size, 4);
});
