import { COMES_BACK, Connection, LOST, NO_WELCOME } from './connection.js';
import { openHttp } from './http.js';
import { DEFAULTS } from './options.js';
import { Requests } from './requests.js';
import { Room } from './room.js';
import { ChatError, DEFAULT_MAX, Emitter, endpoints, fullJitter, safeStorage, systemClock, uuid } from './util.js';
import { openWebSocket } from './websocket.js';

export { ChatError, Room };

/** Close codes after which coming back by itself would only be refused again (protocol, section 5). */
const FINAL_CODES = new Set([3500, 3501, 3503, 3504]);
const UNAUTHORIZED_CODE = 3500;
const RATE_CODE = 3013;
/** Openings without an answer after which another one is tried at once. */
const QUICK_RETRIES = 2;
const SESSION_KEY = 'clusterchat.session';

export class ChatClient extends Emitter {
  state = 'idle';
  transport = null;
  user = null;
  uid = null;                 // who wrote what is told by this; two may have one name
  node = null;
  max = DEFAULT_MAX;

  #config;
  #options;
  #clock;
  #random;
  #storage;
  #addresses;
  #address = 0;
  #rooms = new Map();
  #joins = new Map();
  #requests;
  #conn = null;
  #next = null;               // the connection that is to take over, during a drain or an upgrade
  #lastId = 1;
  #attempt = 0;
  #timeouts = 0;              // openings in a row that nobody answered
  #turnedDown = false;        // the last token was not taken, and no other one has been since
  #era = 0;                   // tells an answer of an attempt that was given up from the current one
  #wsFailures = 0;
  #wsWorked = false;
  #fallback = false;
  #timers = { retry: null, stable: null, move: null };
  #connecting = null;
  #unlisten = () => {};

  constructor(config = {}) {
    super();
    this.#config = { transport: 'auto', WebSocket: globalThis.WebSocket, fetch: globalThis.fetch?.bind(globalThis), ...config };
    this.#options = { ...DEFAULTS, ...config.options };
    this.#clock = config.clock ?? systemClock;
    this.#random = config.random ?? Math.random;
    this.#storage = safeStorage(config.storage);
    this.#addresses = [config.urls ?? config.url].flat().map((url) => endpoints(url));
    this.#address = Math.floor(this.#random() * this.#addresses.length) % this.#addresses.length;
    this.name = config.name ?? null;
    this.session = config.session ?? this.#storage.get(SESSION_KEY);
    this.#requests = new Requests(this.#port(), this.#options);
  }

  /** Resolves with the first welcome; rejects only when the server forbids to come back. */
  connect() {
    if (!this.#connecting) {
      let settle;
      const promise = new Promise((resolve, reject) => { settle = { resolve, reject }; });
      this.#connecting = { promise, ...settle };
      this.#listenToTheDevice();
      this.#dial();
    }
    return this.#connecting.promise;
  }

  /** Joining a joined room gives the same handle; the first page is in `room.page`. */
  join(typed, { limit, since } = {}) {
    const name = typed.normalize('NFC'); // as the server names it in every frame
    if (this.#joins.has(name)) return this.#joins.get(name);
    const room = new Room(name, this.#port(), this.#options);
    this.#rooms.set(name, room);
    const joined = room.session.start({ limit, since }).then(() => room);
    this.#joins.set(name, joined);
    if (!this.#connecting) this.connect().catch(() => {}); // the join itself rejects then
    else if (this.#conn?.ready) room.session.online();
    return joined;
  }

  room(name) {
    return this.#rooms.get(name.normalize('NFC'));
  }

  get joinedRooms() {
    return [...this.#rooms.values()];
  }

  rooms({ prefix = '', after = '', limit = 50 } = {}) {
    return this.#requests.add({ t: 'rooms', prefix, after, limit });
  }

  /** Resolves with the round trip in milliseconds. */
  async ping() {
    const start = this.#clock.now();
    await this.#requests.add({ t: 'ping' });
    return this.#clock.now() - start;
  }

  close() {
    if (this.state !== 'closed') this.#shut(1000, 'closed by the application', new ChatError('closed', 'the client was closed'));
  }

  #port() {
    return {
      clock: this.#clock,
      random: this.#random,
      uuid: () => uuid(),
      nextId: () => ++this.#lastId,
      transmit: (frame) => this.#conn?.send(frame),
      canSend: (room) => this.#conn?.ready === true && (room === undefined || this.#rooms.get(room)?.joined === true),
      request: (request) => this.#requests.add(request),
      flush: () => this.#requests.flush(),
      emit: (type, event) => this.emit(type, event),
      forget: (name) => this.#forget(name),
      leave: (room) => this.#leave(room),
    };
  }

  #forget(name) {
    this.#rooms.delete(name);
    this.#joins.delete(name);
    this.#requests.rejectAll(new ChatError('not_joined', 'the room was left'), name);
  }

  #leave(room) {
    if (this.#rooms.get(room.name) !== room) return;
    if (this.#conn?.ready) this.#conn.send({ id: ++this.#lastId, t: 'leave', room: room.name });
    room.session.end(new ChatError('left', 'the room was left'));
    this.#forget(room.name);
  }

  // --- connecting -------------------------------------------------------------------------------------------

  async #dial() {
    const era = ++this.#era;
    this.#clearTimer('retry');
    this.#setState('connecting');
    const kind = await this.#chooseTransport();
    const hello = await this.#identify();
    if (era !== this.#era || this.state === 'closed') return;
    if (!hello) {
      this.#lost(kind, LOST, 'no token could be had');
      return;
    }
    this.#conn = this.#open(kind, hello, {
      ready: (welcome) => this.#welcomed(kind, welcome),
      end: (code, reason, error) => this.#lost(kind, code, reason, error),
    });
  }

  /** What the hello says of who this is; null where the application's callback fails, for now. */
  async #identify() {
    const { token } = this.#config;
    if (!token) return { name: this.name ?? undefined, ...(this.session && { session: this.session }) };
    if (typeof token !== 'function') return { token };
    try {
      return { token: await token({ refused: this.#turnedDown }) };
    } catch (error) {
      this.emit('error', new ChatError('token', String(error?.message ?? error), { temporary: true }));
      return null;
    }
  }

  /** A token that ran out, or was turned down once: the next one may be taken. Two in a row are an answer. */
  #mayTryAnotherToken(code, wasReady) {
    if (code !== UNAUTHORIZED_CODE || typeof this.#config.token !== 'function') return false;
    const again = wasReady || !this.#turnedDown;
    this.#turnedDown = true;
    return again;
  }

  /** WebSocket, unless it fails where plain HTTP to the same gateway gets through (some proxies do that). */
  async #chooseTransport() {
    const { transport, fetch } = this.#config;
    if (transport !== 'auto') return transport;
    const patience = this.#wsWorked ? 6 : 2;
    if (!this.#fallback && this.#wsFailures >= patience && fetch) this.#fallback = await this.#reachableByHttp(fetch);
    return this.#fallback ? 'http' : 'websocket';
  }

  async #reachableByHttp(fetch) {
    const abort = new AbortController();
    const timer = this.#clock.setTimeout(() => abort.abort(), this.#options.openTimeoutMs);
    try {
      const ready = `${this.#addresses[this.#address].http}/healthz/ready`;
      const answer = await fetch(ready, { cache: 'no-store', signal: abort.signal });
      return answer.ok || answer.status === 404; // a gateway with a management port tells its state only there
    } catch {
      return false; // away for everybody: keep trying the better transport
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  #open(kind, hello, { ready, end }) {
    const address = this.#addresses[this.#address];
    const open = kind === 'http' ? openHttp : openWebSocket;
    const { openTimeoutMs, openTimeoutCapMs } = this.#options;
    const conn = new Connection({
      openLink: (on) => open(address, { ...this.#config, clock: this.#clock }, on),
      hello,
      clock: this.#clock,
      // Longer once short ones have led nowhere: the line may be slow, rather than the gateway gone.
      openTimeoutMs: Math.max(openTimeoutMs, Math.min(openTimeoutCapMs, openTimeoutMs * 2 ** (this.#timeouts - QUICK_RETRIES))),
      options: this.#options,
      on: { ready, end, frame: (frame) => { if (conn === this.#conn) this.#route(frame); } },
    });
    return conn;
  }

  #welcomed(kind, welcome) {
    this.#turnedDown = false;
    this.#timeouts = 0;
    this.user = welcome.user;
    this.uid = welcome.uid ?? null;
    this.node = welcome.node ?? null;
    this.max = welcome.max ?? this.max;
    this.transport = kind;
    if (welcome.session) {
      this.session = welcome.session;
      this.#storage.set(SESSION_KEY, welcome.session);
    }
    if (kind === 'websocket') {
      this.#wsWorked = true;
      this.#wsFailures = 0;
      this.#fallback = false;
    } else if (this.#config.transport === 'auto') {
      this.#setTimer('move', this.#options.upgradeMs, () => this.#move('websocket', { again: false }));
    }
    this.#setTimer('stable', this.#options.stableMs, () => { this.#attempt = 0; });
    this.#setState('online');
    this.#connecting?.resolve(welcome);
    for (const room of this.#rooms.values()) room.session.online();
    this.#requests.flush();
  }

  #lost(kind, code, reason, error) {
    const wasReady = this.state === 'online';
    if (!wasReady) this.#countFailure(kind, code);
    this.#disconnect();
    const another = this.#mayTryAnotherToken(code, wasReady);
    if ((FINAL_CODES.has(code) && !another) || (error && !error.temporary)) {
      this.#shut(code, reason, error ? ChatError.from(error) : new ChatError('disconnected', reason || `closed with ${code}`));
      return;
    }
    this.#address = (this.#address + 1) % this.#addresses.length;
    // A gateway that is gone without a word, behind an address that still leads to it: the next attempt may meet another
    // one. Its time-out has kept the clients apart, as a back-off does; but not for ever, in case all are too busy to answer.
    this.#timeouts = reason === NO_WELCOME ? this.#timeouts + 1 : 0;
    const atOnce = this.#timeouts > 0 && this.#timeouts <= QUICK_RETRIES;
    let delay = atOnce ? 0 : fullJitter(this.#attempt++, this.#random, this.#options.backoff);
    if (code === RATE_CODE) delay += this.#options.rateMs;
    delay = Math.max(delay, error?.retryMs ?? 0);
    this.#setState('offline', { code, reason, retryInMs: delay, retryAt: this.#clock.now() + delay });
    this.#setTimer('retry', delay, () => this.#dial());
  }

  #countFailure(kind, code) {
    if (kind === 'http') {
      this.#fallback = false;
      this.#wsFailures = 0;
    } else if (code === LOST) {
      this.#wsFailures++;
    }
  }

  #disconnect() {
    for (const name of Object.keys(this.#timers)) this.#clearTimer(name);
    this.#conn?.close();
    this.#next?.close();
    this.#conn = this.#next = null;
    for (const room of this.#rooms.values()) room.session.offline();
    this.#requests.drop();
  }

  #shut(code, reason, error) {
    this.#era++;
    this.#disconnect();
    this.#unlisten();
    this.#setState('closed', { code, reason, error });
    this.#connecting?.promise.catch(() => {}); // whoever awaits it still sees the rejection
    this.#connecting?.reject(error);
    this.#connecting = null;
    for (const room of [...this.#rooms.values()]) room.session.end(error);
    this.#rooms.clear();
    this.#joins.clear();
    this.#requests.rejectAll(error);
  }

  // --- moving to another connection while this one still works ------------------------------------------------

  async #move(kind, { again }, attempt = 0) {
    const from = this.#conn;
    if (this.#next || !from?.ready) return;
    const retryMs = again ? fullJitter(attempt, this.#random, this.#options.backoff) : this.#options.upgradeMs * 5;
    const retry = () => this.#setTimer('move', retryMs, () => this.#move(kind, { again }, attempt + 1));
    const hello = await this.#identify();
    if (this.#next || this.#conn !== from || !from.ready) return;
    if (!hello) {
      retry();
      return;
    }
    this.#address = (this.#address + 1) % this.#addresses.length;
    const conn = this.#next = this.#open(kind, hello, {
      ready: (welcome) => {
        this.#conn?.close(COMES_BACK);
        this.#conn = conn;
        this.#next = null;
        this.#clearTimer('move');
        for (const room of this.#rooms.values()) room.session.offline();
        this.#requests.drop();
        this.#welcomed(kind, welcome);
      },
      end: (code, reason, error) => {
        if (this.#conn === conn) return this.#lost(kind, code, reason, error);
        this.#next = null;
        return retry();
      },
    });
  }

  // --- frames -------------------------------------------------------------------------------------------------

  #route(frame) {
    if (frame.t === 'error') return this.#refused(frame);
    if (frame.t === 'drain') {
      this.emit('drain', frame);
      return this.#setTimer('move', this.#random() * (frame.afterMs ?? 0), () => this.#move(this.transport, { again: true }));
    }
    if (frame.t === 'notice') return this.emit('notice', frame);
    if (frame.id !== undefined && this.#requests.settle(frame)) return undefined;
    return this.#rooms.get(frame.room)?.session.frame(frame);
  }

  #refused(frame) {
    if (this.#requests.settle(frame)) return;
    for (const room of [...this.#rooms.values()]) if (room.session.refused(frame)) return;
    this.emit('error', ChatError.from(frame));
  }

  // --- the device ---------------------------------------------------------------------------------------------

  #listenToTheDevice() {
    const target = this.#config.events ?? globalThis;
    if (typeof target.addEventListener !== 'function') return;
    const wake = () => this.#wake();
    const types = ['online', 'pageshow', 'focus'];
    for (const type of types) target.addEventListener(type, wake);
    this.#unlisten = () => {
      for (const type of types) target.removeEventListener(type, wake);
      this.#unlisten = () => {};
    };
  }

  #wake() {
    if (this.state === 'offline') {
      this.#attempt = 0;
      this.#dial();
    } else if (this.state === 'online') {
      this.#conn?.probe();
    }
  }

  /** Comes back now instead of at the end of the back-off: for a "retry now" button. */
  reconnectNow() {
    if (this.state === 'offline') this.#dial();
  }

  #setState(state, more = {}) {
    if (state === this.state && state === 'online') return this.emit('state', { state, transport: this.transport, node: this.node, moved: true });
    this.state = state;
    return this.emit('state', { state, transport: this.transport, node: this.node, ...more });
  }

  #setTimer(name, ms, run) {
    this.#clearTimer(name);
    this.#timers[name] = this.#clock.setTimeout(() => {
      this.#timers[name] = null;
      run();
    }, ms);
  }

  #clearTimer(name) {
    this.#clock.clearTimeout(this.#timers[name]);
    this.#timers[name] = null;
  }
}
