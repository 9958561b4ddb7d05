import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inLobby, machine, memory, reconnect, settle } from './kit.js';

test('the first frame is a hello and the session that it brings is kept', async () => {
  const storage = memory();
  const { client, server } = machine({ storage });
  const welcome = client.connect();
  await settle();
  assert.deepEqual(server.socket.sent, [{ id: 1, t: 'hello', name: 'ann' }]);
  assert.equal((await welcome).session, 's1');
  assert.equal(storage.map.get('clusterchat.session'), 's1');
  assert.equal(client.state, 'online');
  assert.equal(server.socket.url, 'ws://chat.test/ws');
  assert.equal(server.socket.protocol, 'clusterchat.v1');
});

test('a stored session is sent with the hello, and again after a reconnect', async () => {
  const m = machine({ storage: memory({ 'clusterchat.session': 'old' }) });
  m.client.connect();
  await settle();
  assert.equal(m.server.socket.last('hello').session, 'old');
  await reconnect(m);
  assert.equal(m.server.sockets.length, 2);
  assert.equal(m.server.socket.last('hello').session, 's1');
});

test('storage that throws does no harm', async () => {
  const broken = { getItem() { throw new Error('denied'); }, setItem() { throw new Error('full'); } };
  const { client } = machine({ storage: broken });
  await client.connect();
  assert.equal(client.session, 's1');
});

test('a token takes the place of name and session', async () => {
  const { client, server } = machine({ token: 'jwt', session: 's0' });
  client.connect();
  await settle();
  assert.deepEqual(server.socket.sent[0], { id: 1, t: 'hello', token: 'jwt' });
});

test('a refused name ends the client and rejects the connect', async () => {
  const { client, server, seen } = machine();
  server.auto = false;
  const connecting = client.connect();
  await settle();
  server.socket.say({ t: 'error', id: 1, code: 'bad_name', message: 'too long', temporary: false });
  await assert.rejects(connecting, { code: 'bad_name' });
  assert.equal(seen('state').at(-1).state, 'closed');
});

test('a hello refused for the moment is tried again, not before retryMs', async () => {
  const { client, server, clock } = machine();
  server.auto = false;
  client.connect();
  await settle();
  server.socket.say({ t: 'error', id: 1, code: 'busy', message: '', temporary: true, retryMs: 7000 });
  await clock.advance(6900);
  assert.equal(server.sockets.length, 1);
  await clock.advance(200);
  assert.equal(server.sockets.length, 2);
});

test('frames that come as lines of one WebSocket message are taken in order', async () => {
  const { server, seen, client } = machine();
  await client.connect();
  server.socket.onmessage({ data: '{"t":"notice","text":"a"}\n{"t":"notice","text":"b"}\n\nnot json\n{"t":"unheard_of"}' });
  assert.deepEqual(seen('notice').map((n) => n.text), ['a', 'b']);
});

for (const code of [3500, 3501, 3503, 3504]) {
  test(`after close code ${code} the client stays away and rejects what was pending`, async () => {
    const m = await inLobby();
    const ack = m.room.send('hi');
    m.server.socket.drop(code, 'go away');
    await assert.rejects(ack, { code: 'disconnected' });
    await m.clock.advance(600_000);
    assert.equal(m.server.sockets.length, 1);
    assert.equal(m.client.state, 'closed');
    assert.equal(m.seen('state').at(-1).code, code);
    assert.deepEqual(m.clock.pending, []);
  });
}

for (const code of [1000, 1001, 1006, 3001, 3008, 3012, 4999]) {
  test(`after close code ${code} the client comes back within the first back-off`, async () => {
    const m = await inLobby();
    m.server.socket.drop(code);
    assert.equal(m.client.state, 'offline');
    await m.clock.advance(500);
    assert.equal(m.server.sockets.length, 2);
    assert.equal(m.client.state, 'online');
  });
}

test('after close code 3013 the client waits five seconds', async () => {
  const m = await inLobby();
  m.server.socket.drop(3013);
  await m.clock.advance(4999);
  assert.equal(m.server.sockets.length, 1);
  await m.clock.advance(600);
  assert.equal(m.server.sockets.length, 2);
});

test('the back-off doubles up to its cap, jittered over the whole range', async () => {
  for (const random of [0.01, 0.5, 0.999]) {
    const m = machine({ random: () => random, transport: 'websocket' });
    m.server.refuse = true;
    m.client.connect();
    await m.clock.advance(random * 36_000);
    const delays = m.seen('state').filter((s) => s.state === 'offline').map((s) => s.retryInMs);
    const limits = [500, 1000, 2000, 4000, 8000, 10_000, 10_000];
    limits.forEach((limit, i) => assert.equal(delays[i], random * limit));
    m.client.close();
  }
});

test('only a connection that lasted resets the back-off', async () => {
  const m = await inLobby();
  m.server.socket.drop(3001);
  await m.clock.advance(300);
  m.server.socket.drop(3001);
  assert.equal(m.seen('state').at(-1).retryInMs, 500);
  await m.clock.advance(600);
  await m.clock.advance(5_000);
  m.server.socket.drop(3001);
  assert.equal(m.seen('state').at(-1).retryInMs, 250);
});

test('several addresses are tried in turn', async () => {
  const m = machine({ urls: ['https://a.test', 'https://b.test/chat/'], random: () => 0 });
  m.client.connect();
  await settle();
  await reconnect(m);
  assert.deepEqual(m.server.sockets.map((s) => s.url), ['wss://a.test/ws', 'wss://b.test/chat/ws']);
});

test('a WebSocket constructor that throws counts as a failed attempt', async () => {
  const m = machine({ WebSocket: class { constructor() { throw new Error('insecure'); } }, transport: 'websocket' });
  m.client.connect();
  await m.clock.advance(10);
  assert.equal(m.client.state, 'offline');
});

test('an opening that takes for ever is given up, and another one is made at once', async () => {
  const m = machine({ transport: 'websocket', urls: ['ws://a.test', 'ws://b.test'], random: () => 0.999 });
  m.server.auto = false;
  m.client.connect();
  await m.clock.advance(3_999);
  assert.equal(m.server.sockets.length, 1);
  assert.equal(m.seen('state').at(-1).state, 'connecting');
  await m.clock.advance(1);
  assert.equal(m.server.sockets[0].closedWith, 4000);
  assert.deepEqual(m.server.sockets.map((s) => s.url), ['ws://b.test/ws', 'ws://a.test/ws']);
  assert.equal(m.seen('state').find((s) => s.state === 'offline').retryInMs, 0);
  m.server.auto = true;
  await m.clock.advance(4_000);
  assert.equal(m.client.state, 'online');
  assert.equal(m.server.sockets.length, 3);
});

test('openings that nobody answers over and over are given more time, and are backed off', async () => {
  const m = machine({ transport: 'websocket' });
  m.server.auto = false;
  m.client.connect();
  await m.clock.advance(60_000);
  const states = m.seen('state');
  const tried = states.filter((s) => s.state === 'offline');
  assert.deepEqual(tried.slice(0, 5).map((s) => s.retryInMs), [0, 0, 250, 500, 1000]);
  const ends = tried.map((s) => s.retryAt - s.retryInMs - 1_000_000);
  const took = ends.map((end, i) => end - (i === 0 ? 0 : ends[i - 1] + tried[i - 1].retryInMs));
  assert.deepEqual(took.slice(0, 6), [4_000, 4_000, 4_000, 8_000, 10_000, 10_000]);
});

test('an answer of any kind ends the row of openings without one', async () => {
  const m = machine({ transport: 'websocket' });
  m.server.auto = false;
  m.client.connect();
  await m.clock.advance(8_000);
  m.server.socket.drop(3001);
  assert.equal(m.seen('state').at(-1).retryInMs, 250);
  await m.clock.advance(250 + 4_000);
  assert.deepEqual(m.seen('state').filter((s) => s.state === 'offline').map((s) => s.retryInMs), [0, 0, 250, 0]);
});

test('a silent line is asked for life, and left when nothing comes back', async () => {
  const m = await inLobby();
  await m.clock.advance(37_500);
  assert.equal(m.server.socket.of('ping').length, 1);
  assert.equal(m.client.state, 'online');
  await m.clock.advance(8_000);
  assert.equal(m.seen('state').at(-1).state, 'offline');
  assert.equal(m.server.sockets[0].closedWith, 4000);
});

test('a pong, or any other frame, is life enough', async () => {
  const m = await inLobby();
  for (let i = 0; i < 5; i++) {
    await m.clock.advance(37_500);
    const ping = m.server.socket.last('ping');
    if (ping) m.server.socket.say({ t: 'pong', id: ping.id });
  }
  assert.equal(m.server.sockets.length, 1);
});

test('the device coming online ends the wait at once, and makes a live line prove itself', async () => {
  const m = await inLobby();
  m.events.dispatchEvent(new Event('online'));
  assert.equal(m.server.socket.of('ping').length, 1);
  m.server.socket.drop(3013);
  m.events.dispatchEvent(new Event('online'));
  await settle();
  assert.equal(m.server.sockets.length, 2);
});

test('drain moves to a new connection within afterMs and resumes there, without an offline moment', async () => {
  const m = await inLobby(3);
  m.server.socket.say({ t: 'drain', afterMs: 3200 });
  await m.clock.advance(1599);
  assert.equal(m.server.sockets.length, 1);
  await m.clock.advance(2);
  assert.equal(m.server.sockets.length, 2);
  assert.equal(m.server.sockets[0].closedWith, 4000);
  assert.deepEqual(m.server.socket.last('join').since, { log: 'L1', seq: 3 });
  assert.ok(m.seen('state').every((s) => s.state !== 'offline'));
});

test('a drain whose new connection fails keeps the old one and tries again', async () => {
  const m = await inLobby(3);
  m.server.socket.say({ t: 'drain', afterMs: 1000 });
  m.server.refuse = true;
  await m.clock.advance(600);
  assert.equal(m.client.state, 'online');
  m.server.refuse = false;
  await m.clock.advance(5_000);
  assert.ok(m.server.socket.last('join').since);
  assert.equal(m.server.sockets[0].closedWith, 4000);
});

test('a gateway that goes before the drain is done is left like any other', async () => {
  const m = await inLobby(3);
  m.server.socket.say({ t: 'drain', afterMs: 60_000 });
  m.server.socket.drop(3001);
  await m.clock.advance(500);
  assert.equal(m.server.sockets.length, 2);
  await m.clock.advance(70_000);
  assert.equal(m.server.sockets.filter((s) => s.closedWith === null).length <= 2, true);
});

test('the connection that took over in a drain reconnects like the first one', async () => {
  const m = await inLobby(3);
  m.server.socket.say({ t: 'drain', afterMs: 0 });
  await m.clock.advance(10);
  m.server.socket.drop(3008);
  assert.equal(m.client.state, 'offline');
  await m.clock.advance(600);
  assert.equal(m.client.state, 'online');
});

test('close rejects every pending promise and leaves no timer behind', async () => {
  const m = await inLobby(3);
  const pending = [m.room.send('a'), m.room.send('b'), m.room.history(), m.client.rooms(), m.client.ping(), m.client.join('other')];
  m.client.close();
  for (const p of pending) await assert.rejects(p, { code: 'closed' });
  assert.equal(m.server.socket.closedWith, 1000);
  await m.clock.advance(600_000);
  assert.equal(m.server.sockets.length, 1);
  assert.deepEqual(m.clock.pending, []);
});

test('close during the first connect rejects it', async () => {
  const m = machine();
  const connecting = m.client.connect();
  m.client.close();
  await assert.rejects(connecting, { code: 'closed' });
  await settle();
  assert.equal(m.server.sockets.length, 0);
});

test('a closed client can connect again', async () => {
  const m = await inLobby(1);
  m.client.close();
  m.client.connect();
  await settle();
  assert.equal(m.client.state, 'online');
});

test('a listener that throws does not stop the protocol', async (t) => {
  t.mock.method(console, 'error', () => {});
  const m = await inLobby();
  m.client.on('notice', () => { throw new Error('mine'); });
  m.server.socket.say({ t: 'notice', text: 'x' });
  m.server.socket.say({ t: 'notice', text: 'y' });
  assert.equal(m.seen('notice').length, 2);
});
