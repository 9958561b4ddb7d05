import { ChatError } from './util.js';

/**
 * Requests that only read (history, members, rooms, ping): they wait for a connection and, where they name one,
 * for their room, are asked again after a reconnect, and fail with `timeout` rather than hang.
 */
export class Requests {
  #pending = new Set();
  #port;
  #options;

  constructor(port, options) {
    this.#port = port;
    this.#options = options;
  }

  add(request) {
    return new Promise((resolve, reject) => {
      const entry = { request, resolve, reject, id: null, waiting: null };
      entry.timer = this.#port.clock.setTimeout(
        () => this.#finish(entry, () => reject(new ChatError('timeout', `no answer to ${request.t}`, { temporary: true }))),
        this.#options.requestTimeoutMs,
      );
      this.#pending.add(entry);
      this.flush();
    });
  }

  /** Sends what can be sent by now. */
  flush() {
    for (const entry of this.#pending) {
      if (entry.id !== null || entry.waiting !== null || !this.#port.canSend(entry.request.room)) continue;
      entry.id = this.#port.nextId();
      this.#port.transmit({ id: entry.id, ...entry.request });
    }
  }

  /** The connection is gone, and the answers with it. */
  drop() {
    for (const entry of this.#pending) entry.id = null;
  }

  settle(frame) {
    const entry = [...this.#pending].find((e) => e.id !== null && e.id === frame.id);
    if (!entry) return false;
    if (frame.t !== 'error') this.#finish(entry, () => entry.resolve(frame));
    else if (!frame.temporary) this.#finish(entry, () => entry.reject(ChatError.from(frame)));
    else {
      entry.id = null;
      entry.waiting = this.#port.clock.setTimeout(() => {
        entry.waiting = null;
        this.flush();
      }, frame.retryMs || this.#options.retryMs);
    }
    return true;
  }

  rejectAll(error, room) {
    for (const entry of [...this.#pending]) {
      if (room === undefined || entry.request.room === room) this.#finish(entry, () => entry.reject(error));
    }
  }

  #finish(entry, settle) {
    this.#pending.delete(entry);
    this.#port.clock.clearTimeout(entry.timer);
    this.#port.clock.clearTimeout(entry.waiting);
    settle();
  }
}
