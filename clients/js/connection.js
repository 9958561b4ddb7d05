/**
 * One connection's life: open, hello, welcome, and the watch over a silent line. It tells its owner
 * `ready(welcome)`, `frame(frame)` and, once, `end(code, reason, error)`; after `close()` it tells nothing.
 */
export const LOST = 1006;

/** The reason where nobody answered the attempt. */
export const NO_WELCOME = 'no welcome in time';

/** The close code of who means to come back: the server holds its name for it. 1000 takes its leave. */
export const COMES_BACK = 4000;

const HELLO_ID = 1;

export class Connection {
  #on;
  #clock;
  #options;
  #link = null;
  #state = 'opening';
  #opening;
  #watch = null;
  #heardAt = 0;
  #asked = false;
  #pingMs = 0;

  constructor({ openLink, hello, clock, openTimeoutMs, options, on }) {
    this.#on = on;
    this.#clock = clock;
    this.#options = options;
    this.#opening = clock.setTimeout(() => this.#end(LOST, NO_WELCOME), openTimeoutMs);
    try {
      this.#link = openLink({
        open: () => this.send({ id: HELLO_ID, t: 'hello', ...hello }),
        frame: (frame) => this.#frame(frame),
        close: (code, reason) => this.#end(code, reason),
      });
    } catch (error) {
      // A constructor that throws (mixed content, a bad address) is a failed attempt like any other.
      clock.setTimeout(() => this.#end(LOST, String(error?.message ?? error)), 0);
    }
  }

  get ready() {
    return this.#state === 'ready';
  }

  send(frame) {
    if (this.#state === 'closed') return;
    try {
      this.#link.send(frame);
    } catch {
      // The close event of a dying socket is on its way; what was not sent is sent again by then.
    }
  }

  /** Asks for a sign of life at once: after `online`, or when a laptop woke up. */
  probe(withinMs = this.#options.pongTimeoutMs) {
    if (!this.ready || this.#asked) return;
    this.#asked = true;
    this.send({ id: HELLO_ID, t: 'ping' });
    this.#schedule(withinMs);
  }

  close(code = 1000) {
    if (this.#state === 'closed') return;
    this.#release();
    this.#link?.close(code);
  }

  #frame(frame) {
    if (this.#state === 'closed') return;
    this.#heardAt = this.#clock.now();
    this.#asked = false;
    if (this.#state === 'ready') {
      if (!(frame.t === 'pong' && frame.id === HELLO_ID)) this.#on.frame(frame);
    } else if (frame.t === 'welcome') {
      this.#state = 'ready';
      this.#clock.clearTimeout(this.#opening);
      this.#pingMs = frame.ping || 25_000;
      this.#schedule(this.#pingMs * 1.5);
      this.#on.ready(frame);
    } else if (frame.t === 'error' && frame.id === HELLO_ID) {
      this.#end(LOST, frame.message, frame);
    }
  }

  /** Browsers hide the server's WebSocket pings from us, so silence proves nothing until we asked. */
  #schedule(ms) {
    this.#clock.clearTimeout(this.#watch);
    this.#watch = this.#clock.setTimeout(() => {
      if (this.#asked) return this.#end(LOST, 'no sign of life');
      const silent = this.#clock.now() - this.#heardAt;
      if (silent >= this.#pingMs * 1.5) return this.probe();
      return this.#schedule(this.#pingMs * 1.5 - silent);
    }, ms);
  }

  #end(code, reason, error) {
    if (this.#state === 'closed') return;
    this.#release();
    this.#link?.close(COMES_BACK);
    this.#on.end(code, reason, error);
  }

  #release() {
    this.#state = 'closed';
    this.#clock.clearTimeout(this.#opening);
    this.#clock.clearTimeout(this.#watch);
  }
}
