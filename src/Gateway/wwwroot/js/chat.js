import { ChatClient } from '/client/clusterchat.js';
import { features } from './features.js';
import { byPeople } from './format.js';
import { RoomModel } from './room-model.js';
import { memory } from './memory.js';

const PAGE = 50;
const LIST_EVERY_MS = 15_000;
const LIST_MOST = 600;

/** Joins the client library to the models, and tells the views what changed: `on(what, room?)`. */
export class Chat {
  rooms = new Map();
  active = null;
  directory = [];            // rooms that the server lists
  connection = { state: 'idle' };
  #client;
  #listeners = new Set();
  #loading = new Set();
  #visible = () => !document.hidden;

  constructor(name) {
    this.#client = new ChatClient({ name, storage: memory.storage });
    const c = this.#client;
    for (const type of ['message', 'edited', 'deleted', 'reacted']) c.on(type, (event) => this.#event(event));
    c.on('reset', ({ room, msgs, log }) => this.#with(room, (model) => model.reset(msgs, log)));
    c.on('joined', (event) => this.#with(event.room, (model) => this.#joined(model, event)));
    c.on('presence', ({ room }) => this.#with(room, (model) => this.#people(model)));
    c.on('typing', ({ room, from, uid }) => this.#with(room, (model) => model.sawTyping({ from, uid }, Date.now())));
    c.on('read', ({ room, from, seq }) => this.#with(room, (model) => model.seen(from, seq)));
    c.on('kicked', ({ room, message }) => this.#with(room, (model) => this.#lost(model, 'kicked', message)));
    c.on('refused', ({ room, code, message }) => this.#with(room, (model) => { if (code === 'name_taken') this.#lost(model, 'refused', message, code); }));
    c.on('notice', ({ text }) => this.#tell('notice', text));
    c.on('state', (event) => {
      this.connection = event;
      if (event.state === 'online') this.refreshDirectory();
      this.#tell('connection');
    });
    setInterval(() => { if (this.#visible()) this.refreshDirectory(); }, LIST_EVERY_MS);
  }

  get me() { return this.#client.user ?? this.#client.name; }

  /** Of a message, or of who types: whether it is one's own. What was stored before there were identities goes by the name. */
  isMe({ uid, from }) { return uid && this.#client.uid ? uid === this.#client.uid : from === this.me; }
  get max() { return this.#client.max; }
  get activeRoom() { return this.rooms.get(this.active); }
  get unread() { return [...this.rooms.values()].reduce((sum, room) => sum + room.unread, 0); }

  /** Whether something would be lost with the page: written here, and not yet known to be on the server. */
  get hasUndelivered() { return [...this.rooms.values()].some((room) => room.outgoing.some((m) => m.state === 'pending')); }

  on(listener) { this.#listeners.add(listener); }

  start() {
    return this.#client.connect();
  }

  retryNow() {
    if (this.connection.state !== 'closed') return this.#client.reconnectNow();
    for (const model of this.rooms.values()) this.#join(model);
    return this.#client.connect().catch(() => {});
  }

  /** Joins if need be, and shows. */
  open(name) {
    if (!this.rooms.has(name)) {
      const model = new RoomModel(name, { me: () => this.me, isMe: (event) => this.isMe(event), changed: (what) => this.#tell(what, model) });
      this.rooms.set(name, model);
      this.#join(model);
    }
    if (this.active !== name) {
      const before = this.activeRoom;
      if (before) before.newFrom = null;
      this.active = name;
    }
    memory.rooms = [...this.rooms.keys()];
    this.#tell('active');
  }

  rejoin(name) {
    const model = this.rooms.get(name);
    if (model) this.#join(model);
  }

  leave(name) {
    this.#client.room(name)?.leave();
    this.rooms.delete(name);
    memory.rooms = [...this.rooms.keys()];
    this.#tell('rooms');
  }

  async #join(model) {
    Object.assign(model, { status: 'joining', problem: null });
    this.#tell('status', model);
    try {
      await this.#client.join(model.name, { limit: PAGE });
    } catch (error) {
      if (error.code !== 'closed' && this.rooms.get(model.name) === model) this.#lost(model, 'refused', error.message, error.code);
    }
  }

  #joined(model, { first }) {
    model.status = 'joined';
    if (first) {
      const { page } = this.#client.room(model.name);
      model.startUnread(page.msgs, memory.readUpTo(model.name, page.log));
      model.replace(page.msgs, page.log);
      this.refreshDirectory();
    }
    this.#people(model);
    this.#tell('status', model);
  }

  #lost(model, status, message, code) {
    Object.assign(model, { status, problem: { message, code } });
    this.#tell('status', model);
  }

  #people(model) {
    const room = this.#client.room(model.name);
    if (!room) return;
    Object.assign(model, { count: room.count, members: room.members });
    this.#tell('people', model);
  }

  #event(event) {
    this.#with(event.room, (model) => model.apply(event));
  }

  /** For rooms so large that the server does not push their members. */
  async listMembers(model) {
    if (model.members) return model.members;
    const page = await this.#client.room(model.name)?.fetchMembers({ limit: 200 });
    return page?.members ?? [];
  }

  async loadOlder(model) {
    const room = this.#client.room(model.name);
    if (!model.more || !room?.joined || this.#loading.has(model) || model.oldest === null) return;
    const before = model.oldest;
    this.#loading.add(model);
    try {
      const { msgs, more, log } = await room.history({ before, limit: PAGE });
      // Meanwhile the room may have been trimmed or replaced; the page would then not be the one that is missing.
      if (model.oldest === before && model.log === log) model.prepend(msgs, more);
    } catch { /* the next scroll asks again */ } finally {
      this.#loading.delete(model);
    }
  }

  // --- writing ------------------------------------------------------------------------------------------------

  send(model, text, reply) {
    this.#deliver(model, text, reply);
  }

  retry(model, message) {
    model.discard(message.mid);
    this.#deliver(model, message.text, message.reply, message.mid);
  }

  #deliver(model, text, reply, mid) {
    const room = this.#client.room(model.name);
    if (!room) return;
    const sending = room.send(text, { reply: reply ?? undefined, mid });
    model.addOutgoing(sending.mid, text, reply, Date.now());
    sending.then(
      (ack) => model.acked(ack.mid, ack.seq, ack.ts, room.position?.seq ?? 0),
      () => model.setOutgoingState(sending.mid, 'failed'),
    );
  }

  /** Edit, delete and react show when their event comes, so that everyone sees the same. */
  async change(model, act) {
    try {
      await act(this.#client.room(model.name));
    } catch (error) {
      this.#tell('failed', error);
    }
  }

  edit(model, seq, text) { return this.change(model, (room) => room.edit(seq, text)); }
  delete(model, seq) { return this.change(model, (room) => room.delete(seq)); }
  react(model, seq, emoji, on) { return this.change(model, (room) => room.react(seq, emoji, on)); }
  typing(model) { this.#client.room(model.name)?.typing(); }

  read(model) {
    if (!this.#visible() || !model.markRead()) return;
    const room = this.#client.room(model.name);
    if (features.read && model.lastSeq > 0) room?.read(model.lastSeq);
    if (room?.position) memory.setReadUpTo(model.name, room.position.log, model.readUpTo);
  }

  async refreshDirectory() {
    if (this.connection.state !== 'online') return;
    try {
      // The list is in the order of names; a few pages of it, so that a crowd of names in front does not hide all others.
      const found = [];
      for (let more = true; more && found.length < LIST_MOST;) {
        const page = await this.#client.rooms({ after: found.at(-1)?.room ?? '', limit: 200 });
        found.push(...page.rooms);
        more = page.more && page.rooms.length > 0;
      }
      this.directory = byPeople(found);
      this.#tell('rooms');
    } catch { /* the old list will do until the next time */ }
  }

  #with(name, act) {
    const model = this.rooms.get(name);
    if (model) act(model);
  }

  #tell(what, detail) {
    for (const listener of this.#listeners) listener(what, detail);
  }
}
