/** What the tests put in place of the browser: a clock, sockets and HTTP that do as they are told. */
import { ChatClient } from '../clusterchat.js';

export class FakeClock {
  #now = 1_000_000;
  #timers = new Map();
  #next = 1;

  now = () => this.#now;
  setTimeout = (run, ms) => { this.#timers.set(this.#next, { at: this.#now + ms, run }); return this.#next++; };
  clearTimeout = (id) => { this.#timers.delete(id); };
  get pending() { return [...this.#timers.values()].map((t) => t.at - this.#now).sort((a, b) => a - b); }

  async advance(ms) {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const due = [...this.#timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].run();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets every promise that can go on, go on; no time passes. */
export async function settle() {
  for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve));
}

export class Server {
  sockets = [];
  refuse = false;
  auto = true;
  max = 16_384;

  constructor() {
    const server = this;
    this.WebSocket = class {
      sent = [];
      closedWith = null;
      constructor(url, protocol) {
        this.url = url;
        this.protocol = protocol;
        server.sockets.push(this);
        setImmediate(() => {
          if (server.refuse) this.drop(1006);
          else this.onopen?.();
        });
      }
      send(text) {
        const frame = JSON.parse(text);
        this.sent.push(frame);
        if (frame.t === 'hello' && server.auto) this.say({ t: 'welcome', id: frame.id, v: 1, user: frame.name, session: 's1', node: 'gw-1', ping: 25000, max: server.max });
      }
      close(code) { this.closedWith = code; }
      say(...frames) { this.onmessage?.({ data: frames.map((f) => JSON.stringify(f)).join('\n') }); }
      drop(code = 1006, reason = '') { this.onclose?.({ code, reason }); }
      of(type) { return this.sent.filter((f) => f.t === type); }
      last(type) { return this.of(type).at(-1); }
      joined(page) { this.say({ t: 'joined', id: this.last('join').id, room: 'lobby', log: 'L1', seq: 0, recovered: true, msgs: [], more: false, count: 1, members: ['ann'], ...page }); }
      ack(write, seq, more) { this.say({ t: 'ack', id: write.id, room: write.room, mid: write.mid, seq, ts: 1, dup: false, ...more }); }
    };
  }

  get socket() { return this.sockets.at(-1); }
}

export const msg = (seq, more) => ({ t: 'msg', room: 'lobby', seq, mid: `m${seq}`, from: 'bob', ts: seq, text: `text ${seq}`, ...more });

export function memory(entries = {}) {
  const map = new Map(Object.entries(entries));
  return { map, getItem: (k) => map.get(k) ?? null, setItem: (k, v) => map.set(k, v) };
}

/** A client on a fake machine. `random` is 0.5 unless told. */
export function machine(config = {}) {
  const clock = new FakeClock();
  const server = new Server();
  const events = new EventTarget();
  const client = new ChatClient({
    url: 'ws://chat.test', name: 'ann', clock, random: () => 0.5, WebSocket: server.WebSocket, events,
    fetch: () => Promise.reject(new TypeError('no network')), ...config,
  });
  const log = [];
  for (const type of ['message', 'edited', 'deleted', 'reacted', 'reset', 'kicked', 'state', 'presence', 'joined', 'notice', 'error', 'typing', 'refused']) {
    client.on(type, (e) => log.push([type, e]));
  }
  const seen = (type) => log.filter(([t]) => t === type).map(([, e]) => e);
  return { clock, server, client, events, log, seen };
}

/** ... that has joined the lobby at `seq`. */
export async function inLobby(seq = 0, config) {
  const m = machine(config);
  m.client.connect().catch(() => {});
  await settle();
  const joining = m.client.join('lobby');
  await settle();
  m.server.socket.joined({ seq, msgs: Array.from({ length: Math.min(seq, 3) }, (_, i) => msg(seq - Math.min(seq, 3) + 1 + i)) });
  const room = await joining;
  await m.clock.advance(0);
  return { ...m, room };
}

/** Drops the connection and lets the client come back; answers the socket that it came back on. */
export async function reconnect(m, code = 1006) {
  m.server.socket.drop(code);
  await m.clock.advance(12_000);
  return m.server.socket;
}
