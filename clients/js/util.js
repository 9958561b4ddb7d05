/** A refusal or a failure, with the protocol's `code` (or one of the client's own: see clusterchat.d.ts). */
export class ChatError extends Error {
  constructor(code, message, { temporary = false, retryMs } = {}) {
    super(message || code);
    this.name = 'ChatError';
    this.code = code;
    this.temporary = temporary;
    this.retryMs = retryMs;
  }

  static from(frame) {
    return new ChatError(frame.code, frame.message, frame);
  }
}

/** Typed events. A throwing listener is reported and never stops the others, nor the protocol. */
export class Emitter {
  #listeners = new Map();

  /** Returns the function that removes the listener. */
  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.off(type, listener);
  }

  off(type, listener) {
    this.#listeners.get(type)?.delete(listener);
  }

  emit(type, event) {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      try {
        listener(event);
      } catch (error) {
        report(error);
      }
    }
  }
}

function report(error) {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else console.error(error);
}

/** The longest text where no server has said another one. */
export const DEFAULT_MAX = 16_384;

/** The longest frame that a server takes whose longest text is `max` (protocol, section 2). */
export function frameLimit(max = DEFAULT_MAX) {
  return 7 * max + 4096;
}

/** In UTF-8. Not counted where it is certain to be within `limit`: no UTF-16 unit has more than three bytes. */
export function bytesOf(text, limit = 0) {
  return text.length * 3 <= limit ? text.length : new TextEncoder().encode(text).length;
}

export const systemClock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * "Full jitter" (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015): a whole fleet that lost its
 * gateway at one instant comes back evenly spread, instead of in waves.
 */
export function fullJitter(attempt, random, { baseMs, capMs }) {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
}

/** crypto.randomUUID is missing on insecure origins (plain http on a LAN); getRandomValues is there since 2012. */
export function uuid(crypto = globalThis.crypto, random = Math.random) {
  if (crypto?.randomUUID) return crypto.randomUUID();
  const bytes = new Uint8Array(16);
  if (crypto?.getRandomValues) crypto.getRandomValues(bytes);
  else for (let i = 0; i < 16; i++) bytes[i] = random() * 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** From any of http(s)/ws(s), with or without a path, to the addresses of one gateway. */
export function endpoints(url, here = globalThis.location?.href) {
  const at = new URL(url ?? '/', here);
  const secure = at.protocol === 'https:' || at.protocol === 'wss:';
  const base = at.pathname.replace(/\/(ws)?$/, '');
  return {
    ws: `${secure ? 'wss' : 'ws'}://${at.host}${base}/ws`,
    http: `${secure ? 'https' : 'http'}://${at.host}${base}`,
  };
}

/** Storage may be absent, full or forbidden (private windows); the client then lives without. */
export function safeStorage(storage) {
  return {
    get(key) {
      try { return storage?.getItem(key) ?? null; } catch { return null; }
    },
    set(key, value) {
      try { storage?.setItem(key, value); } catch { /* the session lasts as long as the page */ }
    },
  };
}
