/**
 * The same frames over plain HTTP: POST for writes, one streamed SSE response a room for events. To the rest of
 * the client it looks like a WebSocket (see websocket.js for the shape of a link).
 *
 * EventSource cannot send headers, and the guest's identity travels in headers, so the stream is read with fetch.
 */
import { readEvents } from './sse.js';

/** Under HTTP/1.1 a browser opens six connections to a host; the others are for the requests. */
const MAX_STREAMS = 4;
const BEYOND_ANY_SEQ = Number.MAX_SAFE_INTEGER;
const RETRY_MS = 1_000;
const UNSUPPORTED = new Set(['edit', 'delete', 'react']);
const LOST = 1006;

export function openHttp(address, { fetch }, on) {
  const link = new HttpLink(address.http, fetch, on);
  Promise.resolve().then(() => on.open());
  return link;
}

class HttpLink {
  #base;
  #fetch;
  #on;
  #headers = {};
  #rooms = new Map();   // name -> { abort, log, resumable }
  #writing = new Map(); // name -> the end of the chain of this room's writes
  #closed = new AbortController();

  constructor(base, fetch, on) {
    this.#base = base;
    this.#fetch = fetch;
    this.#on = on;
  }

  send(frame) {
    switch (frame.t) {
      case 'hello': return this.#run(frame, () => this.#hello(frame));
      case 'join': return this.#run(frame, () => this.#join(frame));
      case 'leave': return this.#leave(frame);
      case 'send': return this.#inTurn(frame);
      case 'history': return this.#run(frame, () => this.#ask(frame, `${room(frame)}/messages?before=${frame.before}&limit=${frame.limit}`));
      case 'members': return this.#run(frame, () => this.#ask(frame, `${room(frame)}/members${query({ after: frame.after, limit: frame.limit })}`));
      case 'rooms': return this.#run(frame, () => this.#ask(frame, query({ prefix: frame.prefix, after: frame.after, limit: frame.limit })));
      case 'ping': return this.#run(frame, async () => { await this.#call('?limit=1'); this.#tell({ t: 'pong', id: frame.id }); });
      default:
        if (UNSUPPORTED.has(frame.t)) this.#tell({ t: 'error', id: frame.id, code: 'unsupported', message: `${frame.t} needs a WebSocket`, temporary: false });
        return undefined; // typing and read marks are hints, and have no HTTP form
    }
  }

  close() {
    this.#closed.abort();
  }

  async #hello(frame) {
    if (frame.token) this.#headers.Authorization = `Bearer ${frame.token}`;
    // Header values are Latin-1 at best; names are not. The server decodes it.
    else this.#headers['X-Guest-Name'] = encodeURIComponent(frame.name ?? '');
    if (frame.session) this.#headers['X-Guest-Session'] = frame.session;
    const response = await this.#call('?limit=1');
    const session = response.headers.get('X-Guest-Session') ?? frame.session;
    if (session) this.#headers['X-Guest-Session'] = session;
    const uid = response.headers.get('X-User-Id');
    this.#tell({ t: 'welcome', id: frame.id, v: 1, user: shown(frame.name), ...(uid && { uid: decodeURIComponent(uid) }), session, ping: 25_000, max: 16_384 });
  }

  async #ask(frame, path) {
    const response = await this.#call(path);
    this.#tell({ ...await response.json(), t: frame.t, id: frame.id, ...(frame.room && { room: frame.room }) });
  }

  /** One at a time in a room: two requests under way may arrive in either order. */
  #inTurn(frame) {
    const { t, id, room: name, ...body } = frame;
    const turn = (this.#writing.get(name) ?? Promise.resolve()).then(() => this.#run(frame, async () => {
      const response = await this.#call(`${room(frame)}/messages`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      this.#tell({ ...await response.json(), t: 'ack', id, room: name, mid: frame.mid });
    }));
    this.#writing.set(name, turn);
  }

  async #join(frame) {
    const known = this.#rooms.get(frame.room);
    known?.abort.abort();
    if (!known && this.#rooms.size >= MAX_STREAMS) {
      throw refusal('room_limit', `no more than ${MAX_STREAMS} rooms at a time without a WebSocket`);
    }
    const state = { abort: new AbortController() };
    this.#rooms.set(frame.room, state);
    const resumable = frame.since && !known?.lostTrack;
    const page = resumable ? { ...frame.since, msgs: [] } : await this.#newestPage(frame);
    let response;
    try {
      response = await this.#stream(frame, state, page);
    } catch (error) {
      if (error.code !== 'log_changed' || !resumable) throw error;
      state.lostTrack = true;
      return this.#join(frame);
    }
    const members = await this.#call(`${room(frame)}/members?limit=200`).then((r) => r.json()).catch(() => ({}));
    if (this.#rooms.get(frame.room) !== state) return undefined;
    this.#tell({
      t: 'joined', id: frame.id, room: frame.room, log: page.log, seq: page.seq, msgs: page.msgs,
      recovered: !frame.since || Boolean(resumable), more: false, count: members.count,
      ...(members.members && !members.more && { members: members.members }),
    });
    return this.#follow(frame.room, state, response);
  }

  /** Nothing to show is an empty page: the room may come into being with the stream. */
  async #newestPage(frame) {
    try {
      // With a limit of 0 nothing is shown, but the position has to come from somewhere: from the last event.
      const limit = frame.limit ?? 50;
      const response = await this.#call(`${room(frame)}/messages?before=${BEYOND_ANY_SEQ}&limit=${limit || 1}`);
      const { log, msgs, seq } = await response.json();
      return { log, msgs: limit === 0 ? [] : msgs, seq: seq ?? msgs.at(-1)?.seq ?? 0 };
    } catch (error) {
      if (error.code !== 'not_found') throw error;
      return { log: undefined, msgs: [], seq: 0 };
    }
  }

  #stream(frame, state, page) {
    return this.#call(`${room(frame)}/events`, {
      headers: { Accept: 'text/event-stream', ...(page.log && { 'Last-Event-ID': `${page.log}/${page.seq}` }) },
      signal: AbortSignal.any?.([state.abort.signal, this.#closed.signal]) ?? state.abort.signal,
    });
  }

  async #follow(name, state, response) {
    try {
      for await (const { event, data } of readEvents(response.body)) {
        if (this.#rooms.get(name) !== state || this.#closed.signal.aborted) return;
        if (event === 'reset') state.lostTrack = true;
        if (event === 'reset') break;
        if (data) this.#tell(JSON.parse(data));
      }
    } catch { /* a cut stream ends like a finished one: join again from where we are */ }
    if (this.#rooms.get(name) === state && !this.#closed.signal.aborted) this.#tell({ t: 'reset', room: name });
  }

  #leave(frame) {
    this.#rooms.get(frame.room)?.abort.abort();
    this.#rooms.delete(frame.room);
    this.#tell({ t: 'left', id: frame.id, room: frame.room });
  }

  /** Turns whatever happens into an answer to the frame: a refusal as itself, a broken network as "unknown". */
  async #run(frame, act) {
    try {
      await act();
    } catch (error) {
      if (this.#closed.signal.aborted || error.name === 'AbortError') return;
      if (error.status === 401) return this.#on.close(3500, error.message);
      if (error.status === undefined && error.code === undefined && frame.t !== 'send') return this.#on.close(LOST, String(error.message));
      this.#tell({
        t: 'error', id: frame.id, code: error.code ?? 'unavailable', message: error.message,
        temporary: error.temporary ?? true, retryMs: error.retryMs ?? RETRY_MS,
      });
    }
  }

  async #call(path, { headers, ...init } = {}) {
    const response = await this.#fetch(`${this.#base}/api/rooms${path}`, {
      cache: 'no-store', signal: this.#closed.signal, ...init, headers: { ...this.#headers, ...headers },
    });
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    throw refusal(problem.code, problem.detail ?? problem.title ?? `HTTP ${response.status}`, {
      status: response.status,
      temporary: problem.temporary ?? (response.status >= 500 || response.status === 429),
      retryMs: problem.retryMs ?? (Number(response.headers.get('Retry-After')) * 1000 || undefined),
    });
  }

  #tell(frame) {
    if (!this.#closed.signal.aborted) this.#on.frame(frame);
  }
}

function refusal(code, message, more = { temporary: false }) {
  return Object.assign(new Error(message), { code: code ?? (more.temporary ? 'unavailable' : 'bad_request') }, more);
}

/** A name as the server shows it; over HTTP nothing says it (protocol, section 8). */
function shown(name) {
  return name == null ? null : name.normalize('NFC').replace(/\p{Zs}+/gu, ' ');
}

function room(frame) {
  return `/${encodeURIComponent(frame.room)}`;
}

function query(values) {
  const text = new URLSearchParams(Object.entries(values).filter(([, v]) => v !== undefined && v !== '')).toString();
  return text && `?${text}`;
}
