/**
 * What the app knows of one room, without a DOM: messages in order of seq, the user's own that are on their way,
 * unread and typing. Every change raises `version` of the message it touched, and calls `changed`.
 */
const KEEP = 300;
const SLACK = 120;
const TYPING_MS = 6_000;

/** Who wrote a message is told by `author`, and by the name only where the server did not say who it was. No uid has a line end. */
const OWN = '\n';

export class RoomModel {
  messages = [];
  outgoing = [];
  log = null;
  oldest = null;             // the seq from which on everything was loaded; not every event is a message
  more = false;              // older ones exist on the server
  unread = 0;
  readUpTo = 0;
  newFrom = null;            // the seq above which the "new" line stands
  count = 0;
  members = null;
  status = 'joining';        // joined | kicked | refused
  problem = null;
  draft = '';
  reads = new Map();
  #typing = new Map();
  #bySeq = new Map();

  constructor(name, { me = () => null, isMe = ({ from }) => from === me(), changed = () => {} } = {}) {
    this.name = name;
    this.me = me;
    this.isMe = isMe;
    this.changed = changed;
  }

  get last() { return this.messages.at(-1); }
  get lastSeq() { return this.last?.seq ?? 0; }
  bySeq(seq) { return this.#bySeq.get(seq); }

  /** A first page, or the one that replaces everything. */
  replace(events, log) {
    this.log = log;
    this.messages = [];
    this.#bySeq.clear();
    // A page shows each message as it is now; the events that made it so are history (section 3).
    for (const event of events) if (event.t === 'msg') this.#insert(event);
    this.oldest = events[0]?.seq ?? null;
    this.more = this.oldest > 1;
    this.changed('all');
  }

  prepend(events, more) {
    const older = [];
    for (const event of events) {
      if (event.t !== 'msg' || this.#bySeq.has(event.seq)) continue;
      const message = this.#message(event);
      older.push(message);
      this.#bySeq.set(event.seq, message);
    }
    this.messages.unshift(...older);
    this.oldest = events[0]?.seq ?? this.oldest;
    this.more = more;
    this.changed('older');
  }

  apply(event) {
    if (event.t === 'msg') return this.#arrive(event);
    const target = this.#bySeq.get(event.of);
    if (!target) return undefined;
    if (event.t === 'edited' && !target.deleted) Object.assign(target, { text: event.text, edited: true });
    if (event.t === 'deleted') Object.assign(target, { text: '', deleted: true, reactions: {} });
    if (event.t === 'reacted') this.#react(target, event);
    target.version++;
    return this.changed('update');
  }

  #arrive(event) {
    this.#typing.delete(event.from);
    const own = this.isMe(event);
    this.#insert(event);
    if (own) this.readUpTo = Math.max(this.readUpTo, event.seq);
    else if (this.unread++ === 0) this.newFrom = event.seq;
    this.changed('newer');
  }

  #insert(event) {
    const message = this.#message(event);
    this.#bySeq.set(event.seq, message);
    this.messages.push(message);
    if (message.own) this.outgoing = this.outgoing.filter((m) => m.mid !== event.mid);
    return message;
  }

  #message(event) {
    const own = this.isMe(event);
    return {
      key: own ? `m:${event.mid}` : `s:${event.seq}`,
      seq: event.seq, mid: event.mid, from: event.from, author: own ? OWN : event.uid ?? `\n${event.from}`, ts: event.ts, text: event.text, reply: event.reply ?? null,
      edited: event.edited === true, deleted: event.deleted === true, reactions: { ...event.reactions },
      own, state: 'sent', version: 1,
    };
  }

  #react(message, { emoji, from, on }) {
    const who = new Set(message.reactions[emoji]);
    if (on) who.add(from);
    else who.delete(from);
    message.reactions = { ...message.reactions, [emoji]: [...who] };
    if (who.size === 0) delete message.reactions[emoji];
  }

  // --- the user's own, before they are events ----------------------------------------------------------------

  addOutgoing(mid, text, reply, now) {
    const message = {
      key: `m:${mid}`, seq: null, mid, from: this.me(), author: OWN, ts: now, text, reply: reply ?? null,
      edited: false, deleted: false, reactions: {}, own: true, state: 'pending', version: 1,
    };
    this.outgoing.push(message);
    this.changed('newer');
    return message;
  }

  /** The ack may come before the event, after it, or for one that is beyond the page that we hold. */
  acked(mid, seq, ts, seenUpTo) {
    const message = this.outgoing.find((m) => m.mid === mid);
    if (!message) return;
    if (seq <= seenUpTo) this.outgoing = this.outgoing.filter((m) => m !== message);
    else Object.assign(message, { state: 'sent', ts, version: message.version + 1 });
    this.changed('update');
  }

  setOutgoingState(mid, state) {
    const message = this.outgoing.find((m) => m.mid === mid);
    if (message) Object.assign(message, { state, version: message.version + 1 });
    this.changed('update');
  }

  discard(mid) {
    this.outgoing = this.outgoing.filter((m) => m.mid !== mid);
    this.changed('update');
  }

  // --- reading ------------------------------------------------------------------------------------------------

  /** Answers whether that was news. */
  markRead() {
    const news = this.unread > 0 || this.readUpTo < this.lastSeq;
    this.unread = 0;
    this.readUpTo = Math.max(this.readUpTo, this.lastSeq);
    if (news) this.changed('read');
    return news;
  }

  /** From what an earlier visit had read. */
  startUnread(events, readUpTo) {
    this.readUpTo = Math.max(this.readUpTo, readUpTo);
    const fresh = events.filter((e) => e.t === 'msg' && e.seq > this.readUpTo && !this.isMe(e));
    if (this.readUpTo === 0 || fresh.length === 0) return;
    this.unread = fresh.length;
    this.newFrom = fresh[0].seq;
  }

  /** The page that takes the place of what is shown; in another log the old read mark means nothing. */
  reset(events, log) {
    if (log !== this.log) this.readUpTo = 0;
    this.unread = 0;
    this.newFrom = null;
    this.startUnread(events, 0);
    this.replace(events, log);
  }

  seen(from, seq) {
    if ((this.reads.get(from) ?? 0) >= seq) return;
    this.reads.set(from, seq);
    if (this.reads.size > 200) this.reads.delete(this.reads.keys().next().value);
    this.changed('seen');
  }

  /** Who has read the given message, without its author and me. */
  readersOf(message) {
    return [...this.reads].filter(([who, seq]) => who !== this.me() && seq >= message.seq).map(([who]) => who);
  }

  sawTyping(who, now) {
    if (this.isMe(who)) return;
    this.#typing.set(who.from, now + TYPING_MS);
    this.changed('typing');
  }

  typers(now) {
    for (const [name, until] of this.#typing) if (until <= now) this.#typing.delete(name);
    return [...this.#typing.keys()];
  }

  /** Bounds memory and DOM of a long-lived room; the older ones come back from history when scrolled to. */
  trim() {
    if (this.messages.length <= KEEP + SLACK) return;
    for (const message of this.messages.splice(0, this.messages.length - KEEP)) this.#bySeq.delete(message.seq);
    this.oldest = this.messages[0].seq;
    this.more = true;
    this.changed('all');
  }
}
