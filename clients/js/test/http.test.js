import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machine, msg, settle } from './kit.js';

/** A gateway over plain HTTP: `calls` is what was asked, `streams` the open event streams. */
class Gateway {
  calls = [];
  streams = [];
  ready = true;
  managed = false;
  history = { log: 'L1', msgs: [msg(1), msg(2)], more: false };
  post = (body) => ({ t: 'ack', mid: body.mid, seq: 3, ts: 1, dup: false });

  fetch = async (url, init = {}) => {
    const { pathname, search } = new URL(url);
    this.calls.push({ method: init.method ?? 'GET', path: pathname + search, headers: init.headers ?? {}, body: init.body && JSON.parse(init.body) });
    if (pathname === '/healthz/ready') return new Response('{}', { status: this.managed ? 404 : this.ready ? 200 : 503 });
    if (pathname.endsWith('/events')) return this.#stream(init.signal);
    if (init.method === 'POST') return this.#json(await this.post(JSON.parse(init.body)));
    if (pathname.endsWith('/members')) return this.#json({ count: 2, members: ['ann', 'bob'], more: false });
    if (pathname.endsWith('/messages')) return this.#json(this.history);
    return this.#json({ rooms: [{ room: 'lobby', count: 2, seq: 2 }], more: false });
  };

  #json(body) {
    return body instanceof Response ? body : Response.json(body, { headers: { 'X-Guest-Session': 'h1', 'X-User-Id': 'g%3A1' } });
  }

  #stream(signal) {
    const stream = {};
    const body = new ReadableStream({ start: (c) => { stream.c = c; } });
    signal?.addEventListener('abort', () => { try { stream.c.error(new Error('aborted')); } catch { /* closed */ } });
    stream.write = (text) => stream.c.enqueue(new TextEncoder().encode(text));
    stream.event = (e) => stream.write(`id: L1/${e.seq}\ndata: ${JSON.stringify(e)}\n\n`);
    stream.end = () => stream.c.close();
    this.streams.push(stream);
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
  }

  of(part) { return this.calls.filter((c) => c.path.includes(part)); }
}

async function overHttp(config = {}) {
  const gateway = new Gateway();
  const m = machine({ transport: 'http', fetch: gateway.fetch, ...config });
  const room = await m.client.join('lobby');
  await m.clock.advance(0);
  return { ...m, room, gateway };
}

for (const managed of [false, true]) {
  test(`two WebSockets that never open, while HTTP answers, lead to the fallback${managed ? ', with a management port too' : ''}`, async () => {
    const gateway = Object.assign(new Gateway(), { managed });
    const m = machine({ fetch: gateway.fetch });
    m.server.refuse = true;
    const joining = m.client.join('lobby');
    await m.clock.advance(2_000);
    assert.equal((await joining).page.msgs.length, 2);
    assert.equal(m.client.transport, 'http');
    assert.equal(m.server.sockets.length, 2);
  });
}

test('a gateway that is down for everybody is no reason for the fallback', async () => {
  const gateway = new Gateway();
  gateway.ready = false;
  const m = machine({ fetch: gateway.fetch });
  m.server.refuse = true;
  m.client.connect();
  await m.clock.advance(60_000);
  assert.equal(m.client.state === 'offline' || m.client.state === 'connecting', true);
  m.server.refuse = false;
  await m.clock.advance(11_000);
  assert.equal(m.client.transport, 'websocket');
});

test('from the fallback the client goes back to a WebSocket once one opens', async () => {
  const gateway = new Gateway();
  const m = machine({ fetch: gateway.fetch });
  m.server.refuse = true;
  await Promise.all([m.client.join('lobby'), m.clock.advance(2_000)]);
  m.server.refuse = false;
  await m.clock.advance(60_000);
  assert.equal(m.client.transport, 'websocket');
  assert.deepEqual(m.server.socket.last('join').since, { log: 'L1', seq: 2 });
});

test('the identity travels in headers, and the session of the first answer comes along', async () => {
  const { gateway, client } = await overHttp({ name: '安娜' });
  assert.equal(gateway.calls[0].headers['X-Guest-Name'], encodeURIComponent('安娜'));
  assert.equal(gateway.calls.at(-1).headers['X-Guest-Session'], 'h1');
  assert.equal(client.session, 'h1');
  assert.equal(client.uid, 'g:1');
});

test('a join that wants no events begins behind the last one', async () => {
  const gateway = new Gateway();
  const m = machine({ transport: 'http', fetch: gateway.fetch });
  const room = await m.client.join('lobby', { limit: 0 });
  assert.deepEqual(room.page.msgs, []);
  assert.deepEqual(room.position, { log: 'L1', seq: 2 });
  assert.equal(gateway.of('/events')[0].headers['Last-Event-ID'], 'L1/2');
});

test('the first page comes from the history, the stream goes on behind it', async () => {
  const { gateway, room, seen } = await overHttp();
  assert.deepEqual(room.page.msgs.map((e) => e.seq), [1, 2]);
  assert.deepEqual(room.members, ['ann', 'bob']);
  assert.equal(gateway.of('/events')[0].headers['Last-Event-ID'], 'L1/2');
  gateway.streams[0].event(msg(3));
  gateway.streams[0].write(': keep-alive\n\nid: L1/4\r\nda');
  gateway.streams[0].write(`ta: ${JSON.stringify(msg(4))}\r\n\r\n`);
  await settle();
  assert.deepEqual(seen('message').map((e) => e.seq), [3, 4]);
});

test('a stream that ends is resumed from its last event', async () => {
  const { gateway, seen } = await overHttp();
  gateway.streams[0].event(msg(3));
  await settle();
  gateway.streams[0].end();
  await settle();
  assert.equal(gateway.of('/events')[1].headers['Last-Event-ID'], 'L1/3');
  gateway.streams[1].event(msg(4));
  await settle();
  assert.deepEqual(seen('message').map((e) => e.seq), [3, 4]);
});

test('a stream that cannot resume brings a new page', async () => {
  const { gateway, seen } = await overHttp();
  gateway.history = { log: 'L2', msgs: [msg(7)], more: true };
  gateway.streams[0].write('event: reset\ndata: {}\n\n');
  await settle();
  assert.deepEqual(seen('reset').map((r) => [r.log, r.seq]), [['L2', 7]]);
  assert.equal(gateway.of('/events')[1].headers['Last-Event-ID'], 'L2/7');
});

test('writes of a room are posted one at a time and answered with the ack', async () => {
  const { gateway, room } = await overHttp({ options: { window: 8 } });
  let release;
  gateway.post = async (body) => {
    if (body.text === 'a') await new Promise((resolve) => { release = resolve; });
    return { mid: body.mid, seq: body.text === 'a' ? 3 : 4, ts: 1, dup: false };
  };
  const [a, b] = [room.send('a'), room.send('b')];
  await settle();
  assert.deepEqual(gateway.calls.filter((c) => c.method === 'POST').map((c) => c.body), [{ mid: a.mid, text: 'a' }]);
  release();
  assert.deepEqual([(await a).seq, (await b).seq], [3, 4]);
});

test('a post whose answer was lost is sent again with its mid', async () => {
  const { gateway, room, clock } = await overHttp();
  let tries = 0;
  gateway.post = (body) => {
    if (++tries === 1) throw new TypeError('network');
    return { mid: body.mid, seq: 3, ts: 1, dup: true };
  };
  const a = room.send('a');
  await clock.advance(1_000);
  assert.equal((await a).dup, true);
  const posts = gateway.calls.filter((c) => c.method === 'POST');
  assert.deepEqual(posts.map((p) => p.body.mid), [a.mid, a.mid]);
});

test('problem details become errors: permanent ones reject, temporary ones wait', async () => {
  const { gateway, room, clock } = await overHttp();
  const problem = (status, code, headers) => new Response(JSON.stringify({ code, detail: 'why' }), { status, headers });
  gateway.post = () => problem(413, 'too_long');
  await assert.rejects(room.send('a'), { code: 'too_long', message: 'why' });
  const answers = [problem(429, 'rate_limited', { 'Retry-After': '2' }), { seq: 3, ts: 1, dup: false }];
  gateway.post = () => answers.shift();
  const b = room.send('b');
  await clock.advance(1_999);
  assert.equal(answers.length, 1);
  await clock.advance(1);
  assert.equal((await b).seq, 3);
});

test('what HTTP has no form for is refused, not forgotten', async () => {
  const { room } = await overHttp();
  await assert.rejects(room.react(1, '👍'), { code: 'unsupported' });
});

test('more rooms than a browser has connections for are refused', async () => {
  const { client } = await overHttp();
  for (const name of ['b', 'c', 'd']) await client.join(name);
  await assert.rejects(client.join('e'), { code: 'room_limit' });
});

test('close ends the streams', async () => {
  const { client, gateway, clock } = await overHttp();
  client.close();
  await settle();
  assert.throws(() => gateway.streams[0].event(msg(3)));
  assert.deepEqual(clock.pending, []);
});
