import { ChatError, fullJitter } from './util.js';
import { WriteQueue } from './writes.js';

const EVENT_NAMES = { msg: 'message', edited: 'edited', deleted: 'deleted', reacted: 'reacted' };
const CALM_MS = 10_000;

/**
 * Exactly once, in order, as far as the application sees one room.
 *
 * Invariant: every event up to `position.seq` of log `position.log` was handed to the application (as an event,
 * or within a page), and nothing beyond it. An event at or below is a repeat and ignored; one further than the
 * next is a hole, and never shown: the room is joined again from `position`. Where the server cannot go on from
 * there, the application gets `reset` with a new page to put in place of what it shows.
 */
export class RoomSession {
  joined = false;
  position = null;
  count = 0;
  members = null;
  page = null;

  #name;
  #port;
  #options;
  #online = false;
  #gone = false;
  #limit;
  #joinId = null;
  #joinSince = null;
  #timer = null;
  #rejoins = 0;
  #rejoinedAt = -Infinity;
  #initial = null;
  #held = null;              // frames that came with the first page, and the timer that releases them

  constructor(name, port, options) {
    this.#name = name;
    this.#port = port;
    this.#options = options;
    this.writes = new WriteQueue(port, options);
  }

  /** The first join. Resolves with the first page, over as many connections as it takes. */
  start({ limit, since }) {
    this.#limit = limit;
    if (since) this.position = { log: since.log, seq: since.seq };
    return new Promise((resolve, reject) => {
      this.#initial = { resolve, reject, msgs: [], recovered: true };
    });
  }

  online() {
    this.#online = true;
    this.#join();
  }

  offline() {
    this.#release();
    this.#online = this.joined = false;
    this.#joinId = null;
    this.#cancelTimer();
    this.writes.shut();
  }

  write(request) {
    if (this.#gone) return Object.assign(Promise.reject(new ChatError('not_joined', 'the room was left')), { mid: request.mid });
    return this.writes.add(request);
  }

  end(error) {
    if (this.#gone) return;
    this.offline();
    this.#gone = true;
    this.writes.rejectAll(error);
    this.#initial?.reject(error);
    this.#initial = null;
  }

  /** Answers whether the frame was this room's. */
  frame(frame) {
    if (this.#held && frame.t !== 'ack') return this.#held.frames.push(frame) > 0;
    switch (frame.t) {
      case 'joined': if (frame.id === this.#joinId) this.#takePage(frame); return true;
      case 'ack': this.writes.settle(frame); return true;
      case 'reset': this.#rejoin(); return true;
      case 'presence': this.#takePresence(frame); return true;
      case 'kicked': this.#expel(frame.code, frame.message); return true;
      case 'typing':
      case 'read': this.#port.emit(frame.t, frame); return true;
      default:
        if (EVENT_NAMES[frame.t]) this.#takeLive(frame);
        return true;
    }
  }

  /** Errors carry no room, so each room is asked by id. */
  refused(frame) {
    if (frame.id !== undefined && frame.id === this.#joinId) {
      this.#joinRefused(frame);
      return true;
    }
    const outcome = this.writes.settle(frame);
    if (outcome === 'rejoin') this.#rejoin();
    return outcome !== undefined;
  }

  #join() {
    if (!this.#online || this.#gone) return;
    this.#cancelTimer();
    this.#joinSince = this.position;
    this.#joinId = this.#port.nextId();
    this.#port.transmit({
      id: this.#joinId,
      t: 'join',
      room: this.#name,
      ...(this.#limit !== undefined && { limit: this.#limit }),
      ...(this.#joinSince && { since: { ...this.#joinSince } }),
    });
    this.#later(this.#options.answerTimeoutMs);
  }

  /** At once the first time, then with back-off: a room that cannot be repaired must not become a storm. */
  #rejoin() {
    if (!this.#online || this.#gone) return;
    this.joined = false;
    this.#joinId = null;
    this.writes.shut();
    const now = this.#port.clock.now();
    if (now - this.#rejoinedAt > CALM_MS) this.#rejoins = 0;
    this.#rejoinedAt = now;
    if (this.#rejoins++ === 0) this.#join();
    else this.#later(fullJitter(this.#rejoins, this.#port.random, this.#options.backoff));
  }

  #joinRefused(frame) {
    if (!frame.temporary) return this.#expel(frame.code, frame.message);
    this.#joinId = null;
    const base = frame.retryMs || this.#options.retryMs;
    const wait = base + this.#port.random() * base;
    if (!this.#initial) this.#port.emit('refused', { room: this.#name, code: frame.code, message: frame.message, retryInMs: wait });
    return this.#gone ? undefined : this.#later(wait);
  }

  #expel(code, message) {
    if (this.#gone) return;
    const wasIn = !this.#initial;
    this.end(new ChatError(code, message));
    this.#port.forget(this.#name);
    if (wasIn) this.#port.emit('kicked', { t: 'kicked', room: this.#name, code, message });
  }

  #takePage(frame) {
    this.#later(this.#options.answerTimeoutMs);
    if (!this.#joinSince || !frame.recovered) this.#replace(frame);
    else if (!this.#append(frame)) return;
    if (this.#gone || frame.more) return;
    this.#cancelTimer();
    this.#joinId = null;
    this.joined = true;
    this.count = frame.count ?? this.count;
    this.members = frame.members ? new Set(frame.members) : null;
    const initial = this.#initial;
    if (initial) {
      this.#initial = null;
      this.page = { msgs: initial.msgs, recovered: initial.recovered, log: this.position.log, seq: this.position.seq };
      this.#hold();
      initial.resolve(this.page);
    }
    this.#port.emit('joined', { room: this.#name, first: initial !== null, recovered: frame.recovered, count: this.count });
    if (!this.joined) return;
    this.writes.open();
    this.#port.flush();
  }

  /**
   * Whoever awaits the join attaches listeners when the promise has been delivered, and the next event may be in
   * the same WebSocket message as the page. It waits until then; otherwise it would be lost to the application.
   */
  #hold() {
    this.#held = { frames: [], timer: this.#port.clock.setTimeout(() => this.#release(), 0) };
  }

  #release() {
    if (!this.#held) return;
    const { frames, timer } = this.#held;
    this.#held = null;
    this.#port.clock.clearTimeout(timer);
    for (const frame of frames) if (!this.#gone) this.frame(frame);
  }

  #replace(frame) {
    const had = this.#joinSince ?? this.position;
    this.position = { log: frame.log, seq: frame.seq };
    if (this.#initial) {
      this.#initial.msgs = [...frame.msgs];
      this.#initial.recovered &&= !had;
    } else {
      this.#port.emit('reset', { room: this.#name, log: frame.log, seq: frame.seq, msgs: frame.msgs });
    }
  }

  /** False when the page does not continue where we stand; the only way on is a whole new page. */
  #append(frame) {
    for (const event of frame.msgs) {
      if (event.seq <= this.position.seq) continue;
      if (event.seq !== this.position.seq + 1) return this.#startOver();
      this.#advance(event);
      if (this.#gone || frame.id !== this.#joinId) return false;
    }
    return frame.seq === this.position.seq || this.#startOver();
  }

  #startOver() {
    if (this.#initial) this.#initial.recovered = false;
    this.position = null;
    this.#rejoin();
    return false;
  }

  #takeLive(event) {
    if (!this.position || event.seq <= this.position.seq) return;
    if (event.seq === this.position.seq + 1) this.#advance(event);
    else if (this.joined) this.#rejoin();
    // else: a join is under way, and its pages bring the event in its turn
  }

  #advance(event) {
    this.position = { log: this.position.log, seq: event.seq };
    if (this.#initial) this.#initial.msgs.push(event);
    else if (EVENT_NAMES[event.t]) this.#port.emit(EVENT_NAMES[event.t], event);
  }

  #takePresence(frame) {
    this.count = frame.count ?? this.count;
    if (this.members) {
      for (const name of frame.leave ?? []) this.members.delete(name);
      for (const name of frame.join ?? []) this.members.add(name);
      if (!frame.join && !frame.leave) this.members = null; // a room this large is counted, not listed
    }
    this.#port.emit('presence', frame);
  }

  #later(ms) {
    this.#cancelTimer();
    this.#timer = this.#port.clock.setTimeout(() => this.#join(), ms);
  }

  #cancelTimer() {
    this.#port.clock.clearTimeout(this.#timer);
    this.#timer = null;
  }
}
