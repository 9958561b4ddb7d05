import { ChatError } from './util.js';

/**
 * The unanswered writes of one room, oldest first. A write leaves the queue only with an ack or a permanent
 * refusal; a lost connection, a temporary error or silence mean "unknown", and it goes out again with its own mid.
 *
 * `window` is how many may be in flight. With 1 (the default) no write ever overtakes an earlier one, also
 * when that one is refused for the moment; with more, a temporary error lets those already sent go first.
 */
export class WriteQueue {
  #writes = [];
  #port;
  #options;
  #open = false;
  #pause = null;
  #watch = null;

  constructor(port, options) {
    this.#port = port;
    this.#options = options;
  }

  get length() {
    return this.#writes.length;
  }

  add(request) {
    let write;
    const promise = new Promise((resolve, reject) => {
      write = { request, resolve, reject, id: null, rejoined: false };
    });
    this.#writes.push(write);
    this.#pump();
    return Object.defineProperty(promise, 'mid', { value: request.mid, enumerable: true });
  }

  /** The room is joined on this connection: everything unanswered goes out, in order. */
  open() {
    this.#open = true;
    this.#pump();
  }

  /** What is in flight has become unknown. */
  shut() {
    this.#open = false;
    this.#clearTimers();
    for (const write of this.#writes) write.id = null;
  }

  /** Answers with what the frame was for the queue: undefined if not its own. */
  settle(frame) {
    const write = frame.t === 'ack'
      ? this.#writes.find((w) => w.request.mid === frame.mid)
      : this.#writes.find((w) => w.id !== null && w.id === frame.id);
    if (!write) return undefined;
    this.#stopWatch();
    let outcome = 'done';
    if (frame.t === 'ack') {
      this.#remove(write);
      write.resolve({ room: frame.room, mid: frame.mid, seq: frame.seq, ts: frame.ts, dup: frame.dup === true });
    } else if (frame.temporary) {
      write.id = null;
      this.#waitFor(frame.retryMs || this.#options.retryMs);
    } else if (frame.code === 'not_joined' && !write.rejoined) {
      // We were joined a moment ago: the server changed its mind, not the user.
      write.rejoined = true;
      write.id = null;
      outcome = 'rejoin';
    } else {
      this.#remove(write);
      write.reject(ChatError.from(frame));
    }
    if (outcome === 'done') this.#pump();
    return outcome;
  }

  rejectAll(error) {
    this.shut();
    for (const write of this.#writes.splice(0)) write.reject(error);
  }

  #pump() {
    if (!this.#open || this.#pause !== null) return;
    for (const write of this.#writes.slice(0, this.#options.window)) {
      if (write.id !== null) continue;
      write.id = this.#port.nextId();
      this.#port.transmit({ id: write.id, ...write.request });
    }
    this.#watchOver();
  }

  #waitFor(ms) {
    if (this.#pause !== null) return;
    this.#pause = this.#port.clock.setTimeout(() => {
      this.#pause = null;
      this.#pump();
    }, ms);
  }

  #watchOver() {
    if (this.#watch !== null || !this.#writes.some((w) => w.id !== null)) return;
    this.#watch = this.#port.clock.setTimeout(() => {
      this.#watch = null;
      for (const write of this.#writes) write.id = null;
      this.#pump();
    }, this.#options.answerTimeoutMs);
  }

  #remove(write) {
    this.#writes.splice(this.#writes.indexOf(write), 1);
  }

  #stopWatch() {
    this.#port.clock.clearTimeout(this.#watch);
    this.#watch = null;
  }

  #clearTimers() {
    this.#stopWatch();
    this.#port.clock.clearTimeout(this.#pause);
    this.#pause = null;
  }
}
