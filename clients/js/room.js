import { Emitter } from './util.js';
import { RoomSession } from './room-session.js';

const TYPING_EVERY_MS = 2500;

/** Beyond every seq. Our own position would not do: a write may be acked before its event has come. */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** A joined room, as the application sees it. See clusterchat.d.ts for each member. */
export class Room extends Emitter {
  #port;
  #session;
  #typedAt = -Infinity;

  constructor(name, port, options) {
    super();
    this.name = name;
    this.#port = port;
    this.#session = new RoomSession(name, { ...port, emit: (type, event) => this.#tell(type, event) }, options);
  }

  get joined() { return this.#session.joined; }
  get position() { return this.#session.position && { ...this.#session.position }; }
  get count() { return this.#session.count; }
  get members() { return this.#session.members && [...this.#session.members]; }
  get page() { return this.#session.page; }
  get unacked() { return this.#session.writes.length; }

  send(text, { reply, data, mid } = {}) {
    return this.#write({ t: 'send', text, ...(reply && { reply }), ...(data && { data }) }, mid);
  }

  edit(seq, text, { mid } = {}) {
    return this.#write({ t: 'edit', of: seq, text }, mid);
  }

  delete(seq, { mid } = {}) {
    return this.#write({ t: 'delete', of: seq }, mid);
  }

  react(seq, emoji, on = true, { mid } = {}) {
    return this.#write({ t: 'react', of: seq, emoji, on }, mid);
  }

  history({ before, limit = 50 } = {}) {
    return this.#port.request({ t: 'history', room: this.name, before: before ?? NEWEST, limit });
  }

  fetchMembers({ after = '', limit = 200 } = {}) {
    return this.#port.request({ t: 'members', room: this.name, ...(after && { after }), limit });
  }

  /** Safe to call on each key press: the wire sees one every 2.5 s. */
  typing() {
    if (!this.joined || this.#port.clock.now() - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = this.#port.clock.now();
    this.#port.transmit({ t: 'typing', room: this.name });
  }

  read(seq) {
    if (this.joined) this.#port.transmit({ t: 'read', room: this.name, seq });
  }

  leave() {
    this.#port.leave(this);
  }

  /** @internal the client's side of the room; not for applications */
  get session() { return this.#session; }

  #write(request, mid = this.#port.uuid()) {
    this.#typedAt = -Infinity;
    const { t, ...rest } = request;
    return this.#session.write({ t, room: this.name, mid, ...rest });
  }

  #tell(type, event) {
    this.emit(type, event);
    this.#port.emit(type, event);
  }
}
