import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inLobby, machine, msg, reconnect, settle } from './kit.js';

const seqs = (list) => list.map((e) => e.seq);

test('a join resolves with the first page, and live events go on after it', async () => {
  const m = await inLobby(3);
  assert.deepEqual(m.server.socket.last('join'), { id: 2, t: 'join', room: 'lobby' });
  assert.deepEqual(seqs(m.room.page.msgs), [1, 2, 3]);
  assert.deepEqual(m.room.position, { log: 'L1', seq: 3 });
  assert.deepEqual([m.room.count, m.room.members], [1, ['ann']]);
  m.server.socket.say(msg(4));
  assert.deepEqual(seqs(m.seen('message')), [4]);
  assert.deepEqual(m.room.position, { log: 'L1', seq: 4 });
});

test('an event in the same WebSocket message as the first page reaches a listener added after the join', async () => {
  const m = machine();
  const joining = m.client.join('lobby');
  await settle();
  const got = [];
  const listening = joining.then((room) => room.on('message', (e) => got.push(e.seq)));
  const id = m.server.socket.last('join').id;
  m.server.socket.say({ t: 'joined', id, room: 'lobby', log: 'L1', seq: 3, recovered: true, msgs: [msg(3)], more: false, count: 1 }, msg(4), msg(5));
  await listening;
  await m.clock.advance(0);
  assert.deepEqual(got, [4, 5]);
});

test('a join asked for before the connection is there is sent with the welcome', async () => {
  const m = machine();
  const joining = m.client.join('lobby', { limit: 5 });
  await settle();
  assert.equal(m.server.socket.last('join').limit, 5);
  m.server.socket.joined();
  assert.equal((await joining).name, 'lobby');
});

test('joining a joined room gives the same handle and sends nothing', async () => {
  const m = await inLobby();
  assert.equal(await m.client.join('lobby'), m.room);
  assert.equal(m.server.socket.of('join').length, 1);
});

test('a join from a stored position gathers its pages', async () => {
  const m = machine();
  const joining = m.client.join('lobby', { since: { log: 'L1', seq: 4 } });
  await settle();
  assert.deepEqual(m.server.socket.last('join').since, { log: 'L1', seq: 4 });
  m.server.socket.joined({ seq: 6, msgs: [msg(5), msg(6)], more: true });
  m.server.socket.joined({ seq: 7, msgs: [msg(7)] });
  const room = await joining;
  assert.deepEqual(seqs(room.page.msgs), [5, 6, 7]);
  assert.equal(room.page.recovered, true);
});

test('a room name is sent, and found again, in its composed form', async () => {
  const m = machine();
  const joining = m.client.join('cafe\u0301');
  await settle();
  assert.equal(m.server.socket.last('join').room, 'caf\u00e9');
  m.server.socket.joined({ room: 'caf\u00e9' });
  assert.equal(m.client.room('cafe\u0301'), await joining);
});

test('a refused join rejects and is forgotten', async () => {
  const m = machine();
  const joining = m.client.join('lobby');
  await settle();
  m.server.socket.say({ t: 'error', id: m.server.socket.last('join').id, code: 'name_taken', message: '', temporary: false });
  await assert.rejects(joining, { code: 'name_taken' });
  assert.equal(m.client.room('lobby'), undefined);
  assert.equal(m.seen('kicked').length, 0);
});

test('a join refused for the moment, or not answered, is sent again', async () => {
  const m = machine();
  const joining = m.client.join('lobby');
  await settle();
  m.server.socket.say({ t: 'error', id: m.server.socket.last('join').id, code: 'unavailable', message: '', temporary: true, retryMs: 1000 });
  await m.clock.advance(1500);
  assert.equal(m.server.socket.of('join').length, 2);
  await m.clock.advance(15_000);
  assert.equal(m.server.socket.of('join').length, 3);
  m.server.socket.joined();
  await joining;
});

test('a rejoin refused for the moment is tried again, the application hears of it, and what it wrote waits', async () => {
  const m = await inLobby(3);
  const socket = await reconnect(m);
  const sending = m.room.send('later');
  socket.say({ t: 'error', id: socket.last('join').id, code: 'name_taken', message: 'held', temporary: true, retryMs: 5000 });
  assert.deepEqual(m.seen('refused').map(({ room, code }) => [room, code]), [['lobby', 'name_taken']]);
  assert.equal(m.seen('kicked').length, 0);
  await m.clock.advance(10_000);
  assert.equal(socket.of('join').length, 2);
  socket.joined({ seq: 3 });
  socket.ack(socket.last('send'), 4);
  assert.equal((await sending).seq, 4);
});

test('after a reconnect the room resumes from its position, over several pages', async () => {
  const m = await inLobby(3);
  const socket = await reconnect(m);
  assert.deepEqual(socket.last('join').since, { log: 'L1', seq: 3 });
  socket.joined({ seq: 5, msgs: [msg(4), msg(5)], more: true });
  assert.equal(m.room.joined, false);
  socket.joined({ seq: 6, msgs: [msg(6)] });
  socket.say(msg(7));
  assert.deepEqual(seqs(m.seen('message')), [4, 5, 6, 7]);
  assert.equal(m.seen('reset').length, 0);
});

test('a connection lost between two pages resumes after the last event that was shown', async () => {
  const m = await inLobby(3);
  let socket = await reconnect(m);
  socket.joined({ seq: 5, msgs: [msg(4), msg(5)], more: true });
  socket = await reconnect(m);
  assert.equal(socket.last('join').since.seq, 5);
  socket.joined({ seq: 6, msgs: [msg(6)] });
  assert.deepEqual(seqs(m.seen('message')), [4, 5, 6]);
});

test('what could not be recovered arrives as a reset with the new page', async () => {
  const m = await inLobby(3);
  const socket = await reconnect(m);
  socket.joined({ log: 'L2', seq: 2, recovered: false, msgs: [msg(1), msg(2)] });
  const [reset] = m.seen('reset');
  assert.deepEqual([reset.room, reset.log, reset.seq, seqs(reset.msgs)], ['lobby', 'L2', 2, [1, 2]]);
  assert.equal(m.seen('message').length, 0);
  socket.say(msg(3));
  assert.deepEqual(seqs(m.seen('message')), [3]);
  assert.deepEqual(m.room.position, { log: 'L2', seq: 3 });
});

test("the server's reset makes the client join again from its position", async () => {
  const m = await inLobby(3);
  m.server.socket.say({ t: 'reset', room: 'lobby' });
  assert.deepEqual(m.server.socket.last('join').since, { log: 'L1', seq: 3 });
  m.server.socket.joined({ seq: 4, msgs: [msg(4)] });
  assert.deepEqual(seqs(m.seen('message')), [4]);
});

test('resets in a row are answered with back-off', async () => {
  const m = await inLobby(3);
  for (let i = 0; i < 10; i++) m.server.socket.say({ t: 'reset', room: 'lobby' });
  await settle();
  assert.equal(m.server.socket.of('join').length, 2);
  await m.clock.advance(10_000);
  assert.equal(m.server.socket.of('join').length, 3);
});

test('an event is shown once, however often it arrives', async () => {
  const m = await inLobby(3);
  m.server.socket.say(msg(2), msg(3), msg(4), msg(4), msg(1));
  const socket = await reconnect(m);
  socket.joined({ seq: 5, msgs: [msg(3), msg(4), msg(5)] });
  assert.deepEqual(seqs(m.seen('message')), [4, 5]);
});

test('a hole in live events is never shown: the room is joined again from before it', async () => {
  const m = await inLobby(3);
  m.server.socket.say(msg(5), msg(6));
  assert.deepEqual(seqs(m.seen('message')), []);
  assert.equal(m.server.socket.of('join').length, 2);
  assert.equal(m.server.socket.last('join').since.seq, 3);
  m.server.socket.joined({ seq: 6, msgs: [msg(4), msg(5), msg(6)] });
  m.server.socket.say(msg(7));
  assert.deepEqual(seqs(m.seen('message')), [4, 5, 6, 7]);
});

test('a hole within a resumed page is answered with a whole new page', async () => {
  const m = await inLobby(3);
  const socket = await reconnect(m);
  socket.joined({ seq: 6, msgs: [msg(4), msg(6)] });
  await m.clock.advance(10_000);
  assert.equal(socket.last('join').since, undefined);
  socket.joined({ seq: 6, msgs: [msg(4), msg(5), msg(6)] });
  assert.deepEqual(seqs(m.seen('message')), [4]);
  assert.deepEqual(seqs(m.seen('reset')[0].msgs), [4, 5, 6]);
});

test('a page of a join that was given up is ignored', async () => {
  const m = await inLobby(3);
  m.server.socket.say({ t: 'reset', room: 'lobby' });
  m.server.socket.joined({ id: 2, seq: 9, msgs: [msg(9)] });
  assert.equal(m.room.position.seq, 3);
});

test('edits, deletes and reactions keep their place in the order', async () => {
  const m = await inLobby(1);
  m.server.socket.say(
    { t: 'edited', room: 'lobby', seq: 2, of: 1, from: 'bob', text: 'new' },
    { t: 'reacted', room: 'lobby', seq: 3, of: 1, from: 'bob', emoji: '👍', on: true },
    { t: 'deleted', room: 'lobby', seq: 4, of: 1, from: 'bob' },
  );
  assert.deepEqual(m.log.filter(([t]) => ['edited', 'reacted', 'deleted'].includes(t)).map(([t, e]) => [t, e.seq]), [['edited', 2], ['reacted', 3], ['deleted', 4]]);
});

test('presence keeps count and members', async () => {
  const m = await inLobby(0);
  m.server.socket.say({ t: 'presence', room: 'lobby', join: ['bob', 'cy'], leave: [], count: 3 });
  assert.deepEqual(m.room.members, ['ann', 'bob', 'cy']);
  m.server.socket.say({ t: 'presence', room: 'lobby', leave: ['bob'], count: 2 });
  assert.deepEqual([m.room.count, m.room.members], [2, ['ann', 'cy']]);
  m.server.socket.say({ t: 'presence', room: 'lobby', count: 201 });
  assert.deepEqual([m.room.count, m.room.members], [201, null]);
});

test('a kick tells the application, rejects the writes and is final', async () => {
  const m = await inLobby(0);
  const ack = m.room.send('hi');
  m.server.socket.say({ t: 'kicked', room: 'lobby', code: 'banned', message: 'bye' });
  await assert.rejects(ack, { code: 'banned' });
  assert.equal(m.seen('kicked')[0].code, 'banned');
  const socket = await reconnect(m);
  assert.equal(socket.of('join').length, 0);
  await assert.rejects(m.room.send('still here?'), { code: 'not_joined' });
});

test('a left room is not joined again', async () => {
  const m = await inLobby(0);
  const ack = m.room.send('hi');
  m.room.leave();
  await assert.rejects(ack, { code: 'left' });
  assert.equal(m.server.socket.last('leave').room, 'lobby');
  m.server.socket.say(msg(1));
  assert.equal(m.seen('message').length, 0);
  assert.equal((await reconnect(m)).of('join').length, 0);
});

test('the newest history is the newest of the server, not of what has come so far', async () => {
  const m = await inLobby(3);
  m.room.history().catch(() => {});
  assert.ok(m.server.socket.last('history').before > m.room.position.seq + 1);
});

test('history and members wait for the room and survive a reconnect', async () => {
  const m = await inLobby(3);
  const history = m.room.history({ before: 3, limit: 2 });
  assert.equal(m.server.socket.last('history').before, 3);
  const socket = await reconnect(m);
  assert.equal(socket.of('history').length, 0);
  socket.joined({ seq: 3 });
  socket.say({ t: 'history', id: socket.last('history').id, room: 'lobby', log: 'L1', msgs: [msg(1), msg(2)], more: false });
  assert.deepEqual(seqs((await history).msgs), [1, 2]);
});

test('a request that is never answered fails, a refused one as well, a busy one is asked again', async () => {
  const m = await inLobby(3);
  const silent = assert.rejects(m.room.history(), { code: 'timeout' });
  await m.clock.advance(20_000);
  await silent;
  const rooms = m.client.rooms({ prefix: 'lo' });
  m.server.socket.say({ t: 'error', id: m.server.socket.last('rooms').id, code: 'busy', message: '', temporary: true, retryMs: 100 });
  await m.clock.advance(100);
  const second = m.server.socket.last('rooms');
  m.server.socket.say({ t: 'rooms', id: second.id, rooms: [], more: false });
  assert.deepEqual((await rooms).rooms, []);
  const members = m.room.fetchMembers();
  m.server.socket.say({ t: 'error', id: m.server.socket.last('members').id, code: 'bad_request', message: 'no', temporary: false });
  await assert.rejects(members, { code: 'bad_request' });
});

test('typing is throttled, and starts afresh after a message was sent', async () => {
  const m = await inLobby(0);
  m.room.typing();
  m.room.typing();
  assert.equal(m.server.socket.of('typing').length, 1);
  m.room.send('hi').catch(() => {});
  m.room.typing();
  assert.equal(m.server.socket.of('typing').length, 2);
});
