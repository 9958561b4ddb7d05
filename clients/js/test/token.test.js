import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inLobby, machine, msg, settle } from './kit.js';

/** Tokens t1, t2, ... and what the callback was told each time. */
function issuer() {
  const asked = [];
  return { asked, token: async (why) => `t${asked.push(why)}` };
}

test('a callback is asked for the token before each connection', async () => {
  const { asked, token } = issuer();
  const m = machine({ token });
  m.client.connect();
  await settle();
  assert.deepEqual(m.server.socket.sent[0], { id: 1, t: 'hello', token: 't1' });
  m.server.socket.drop(1006);
  await m.clock.advance(12_000);
  assert.equal(m.server.socket.last('hello').token, 't2');
  assert.deepEqual(asked, [{ refused: false }, { refused: false }]);
});

test('a token that runs out is replaced, and nothing is lost or doubled', async () => {
  const { asked, token } = issuer();
  const m = await inLobby(2, { token });
  const pending = m.room.send('before the end');
  await settle();
  const { mid } = m.server.socket.last('send');
  m.server.socket.drop(3500, 'the token has expired');
  const written = m.room.send('meanwhile');
  await m.clock.advance(1_000);
  assert.equal(m.client.state, 'online');
  assert.equal(m.server.sockets.length, 2);
  assert.equal(m.server.socket.last('hello').token, 't2');
  assert.deepEqual(asked.at(-1), { refused: true });
  assert.deepEqual(m.server.socket.last('join').since, { log: 'L1', seq: 2 });
  m.server.socket.joined({ seq: 4, msgs: [msg(3, { mid }), msg(4)] });
  await settle();
  assert.equal(m.server.socket.of('send')[0].mid, mid);
  m.server.socket.ack(m.server.socket.of('send')[0], 3, { dup: true });
  assert.equal((await pending).seq, 3);
  await settle();
  m.server.socket.ack(m.server.socket.of('send')[1], 5);
  assert.equal((await written).seq, 5);
  assert.deepEqual(m.seen('message').map((e) => e.seq).slice(-2), [3, 4]);
  assert.equal(m.seen('reset').length, 0);
});

test('a token that is turned down is replaced once, and the second refusal is final', async () => {
  const { asked, token } = issuer();
  const m = machine({ token });
  m.server.auto = false;
  const connecting = m.client.connect();
  await settle();
  m.server.socket.drop(3500, 'the token is not valid');
  await m.clock.advance(1_000);
  assert.equal(m.server.sockets.length, 2);
  m.server.socket.drop(3500, 'the token is not valid');
  await assert.rejects(connecting, { code: 'disconnected' });
  await m.clock.advance(600_000);
  assert.equal(m.server.sockets.length, 2);
  assert.deepEqual(asked, [{ refused: false }, { refused: true }]);
  assert.deepEqual(m.clock.pending, []);
});

test('a welcome in between makes the next refusal the first one again', async () => {
  const { token } = issuer();
  const m = machine({ token });
  m.client.connect();
  await settle();
  for (let i = 2; i < 6; i++) {
    m.server.socket.drop(3500);
    await m.clock.advance(1_000 * 2 ** i);
    assert.equal(m.server.sockets.length, i);
    assert.equal(m.client.state, 'online');
  }
});

test('a callback that fails is asked again later', async () => {
  let working = false;
  const m = machine({ token: async () => { if (!working) throw new Error('identity provider away'); return 't'; } });
  m.client.connect();
  await settle();
  assert.equal(m.server.sockets.length, 0);
  assert.equal(m.client.state, 'offline');
  assert.equal(m.seen('error')[0].code, 'token');
  working = true;
  await m.clock.advance(1_000);
  assert.equal(m.client.state, 'online');
});

test('a client that is closed while its callback is asked stays closed', async () => {
  let give;
  const m = machine({ token: () => new Promise((resolve) => { give = resolve; }) });
  m.client.connect().catch(() => {});
  await settle();
  m.client.close();
  give('t');
  await m.clock.advance(60_000);
  assert.equal(m.server.sockets.length, 0);
});

test('a token that is a text is not tried twice', async () => {
  const m = machine({ token: 'fixed' });
  m.server.auto = false;
  const connecting = m.client.connect();
  await settle();
  m.server.socket.drop(3500);
  await assert.rejects(connecting, { code: 'disconnected' });
});

test('a drain moves to another gateway with a new token', async () => {
  const { token } = issuer();
  const m = await inLobby(0, { token });
  m.server.socket.say({ t: 'drain', afterMs: 100 });
  await m.clock.advance(200);
  assert.equal(m.server.sockets.length, 2);
  assert.equal(m.server.socket.last('hello').token, 't2');
});
