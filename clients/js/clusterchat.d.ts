/** Browser client of ClusterChat. The wire is described in docs/protocol.md. */

export interface ClientConfig {
  /** Address of a gateway: http(s) or ws(s), with or without a path. Default: where the page came from. */
  url?: string;
  /** Several gateways; the client begins at a random one and goes on to the next when one fails. */
  urls?: string[];
  /** Guest name, 1-32 characters. */
  name?: string;
  /** A guest session from an earlier `welcome`. Default: what `storage` holds. */
  session?: string;
  /**
   * JWT, where the server has accounts; takes the place of `name` and `session`. A function is asked before each
   * connection, and when the server has closed one because its token ran out (3500); the client then goes on where it
   * was. `refused`: the last token was not taken, so one that the application has cached will not do. A second
   * refusal in a row ends the client. Where the function throws, the client says so (`error`, code `token`) and
   * tries again later.
   */
  token?: string | ((why: { refused: boolean }) => string | Promise<string>);
  /** Keeps the session under `clusterchat.session`; `localStorage` makes tabs and visits one guest. */
  storage?: Pick<Storage, 'getItem' | 'setItem'>;
  /** `auto` (default): a WebSocket, or SSE + POST where WebSockets do not get through. */
  transport?: 'auto' | 'websocket' | 'http';
  options?: Partial<Options>;
  /** Replaceable parts of the environment, for tests and other runtimes. */
  WebSocket?: typeof WebSocket;
  fetch?: typeof fetch;
  random?: () => number;
  clock?: Clock;
  events?: EventTarget;
}

/** Times in milliseconds. */
export interface Options {
  /** Full jitter between 0 and min(capMs, baseMs * 2^attempt). Default 500 and 10,000. */
  backoff: { baseMs: number; capMs: number };
  /** A connection that lived so long resets the back-off. Default 5,000. */
  stableMs: number;
  /** Wait after close code 3013, before jitter. Default 5,000. */
  rateMs: number;
  /**
   * From the attempt to the welcome. Default 4,000. After the first two attempts in a row that nobody answered the
   * next one is made at once; from the third on the time doubles up to `openTimeoutCapMs`, and the back-off counts.
   */
  openTimeoutMs: number;
  /** Default 10,000. */
  openTimeoutCapMs: number;
  /** For the answer to the client's own ping, which it sends after 1.5 ping intervals of silence. Default 8,000. */
  pongTimeoutMs: number;
  /** After this long without an answer a write or a join is sent again, with the same mid. Default 15,000. */
  answerTimeoutMs: number;
  /** After this long history, members, rooms and ping reject with `timeout`. Default 20,000. */
  requestTimeoutMs: number;
  /** Wait after a temporary error that names no `retryMs`. Default 1,000. */
  retryMs: number;
  /**
   * Writes of one room in flight. Default 1: no write ever overtakes an earlier one. With more, a write that is
   * refused for the moment (`rate_limited`) may get its seq after one that was sent behind it.
   */
  window: number;
  /** In fallback: how soon a WebSocket is tried again. Default 60,000. */
  upgradeMs: number;
}

export interface Clock {
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export interface Position { log: string; seq: number }

/** `uid` is who it is: never take a name for that. Events that servers before it stored lack it. */
interface LogEvent { room: string; seq: number; mid: string; from: string; uid?: string; ts: number }
export interface Message extends LogEvent {
  t: 'msg';
  text: string;
  reply?: number;
  data?: Record<string, unknown>;
  /** In pages only: the message's current state. */
  edited?: boolean;
  deleted?: boolean;
  reactions?: Record<string, string[]>;
}
export interface EditedEvent extends LogEvent { t: 'edited'; of: number; text: string }
export interface DeletedEvent extends LogEvent { t: 'deleted'; of: number }
export interface ReactedEvent extends LogEvent { t: 'reacted'; of: number; emoji: string; on: boolean }
export type RoomEvent = Message | EditedEvent | DeletedEvent | ReactedEvent;

export interface Page extends Position { msgs: RoomEvent[]; recovered: boolean }
export interface Ack { room: string; mid: string; seq: number; ts: number; dup: boolean }
export interface Welcome { v: number; user: string; uid?: string; session?: string; node?: string; ping: number; max: number }
export type State = 'idle' | 'connecting' | 'online' | 'offline' | 'closed';

export interface StateEvent {
  state: State;
  transport: 'websocket' | 'http' | null;
  node: string | null;
  /** offline, closed: why. */
  code?: number;
  reason?: string;
  /** offline: when the next attempt is made (`clock.now()` time). */
  retryInMs?: number;
  retryAt?: number;
  /** closed */
  error?: ChatError;
  /** online: moved to another gateway without having been offline. */
  moved?: boolean;
}

export interface Events {
  state: StateEvent;
  message: Message;
  edited: EditedEvent;
  deleted: DeletedEvent;
  reacted: ReactedEvent;
  /** Events were lost to this client, or the room's log changed: show `msgs` in place of everything. */
  reset: { room: string; msgs: RoomEvent[] } & Position;
  /** A join, or a rejoin after a reconnect, is complete. */
  joined: { room: string; first: boolean; recovered: boolean; count: number };
  /** No longer joined; also when a rejoin is refused. */
  kicked: { room: string; code: string; message: string };
  /** A rejoin is refused for now, and tried again: `name_taken` where somebody else has the name meanwhile. Writes wait. */
  refused: { room: string; code: string; message: string; retryInMs: number };
  presence: { room: string; join?: string[]; leave?: string[]; count: number };
  typing: { room: string; from: string; uid?: string };
  read: { room: string; from: string; seq: number };
  notice: { text: string };
  drain: { afterMs: number };
  /** An error that belongs to no request. */
  error: ChatError;
}

export class Emitter<E> {
  /** Returns the function that removes the listener. */
  on<K extends keyof E>(type: K, listener: (event: E[K]) => void): () => void;
  off<K extends keyof E>(type: K, listener: (event: E[K]) => void): void;
}

export class ChatError extends Error {
  /** A code of the protocol, or one of `closed`, `disconnected`, `left`, `timeout`, `token`, `unsupported`. */
  readonly code: string;
  readonly temporary: boolean;
  readonly retryMs?: number;
}

/** The ack, and at once the mid under which the message will come back as an event. */
export type Sending = Promise<Ack> & { readonly mid: string };

export class Room extends Emitter<Events> {
  readonly name: string;
  /** Joined on the present connection; writes made meanwhile wait. */
  readonly joined: boolean;
  /** Every event up to here was handed to the application. */
  readonly position: Position | null;
  readonly count: number;
  /** Null where the server does not list them (over 200). */
  readonly members: string[] | null;
  /** The first page, as of the join. */
  readonly page: Page | null;
  /** Writes without an answer. */
  readonly unacked: number;

  /**
   * Rejects only for good: refused (`too_long` beyond `ChatClient.max`), kicked, left, closed. Until then the write is sent again under the same mid,
   * in its place among the writes of this room, over as many connections as it takes; it is written once.
   */
  send(text: string, more?: { reply?: number; data?: Record<string, unknown>; mid?: string }): Sending;
  /**
   * These three, and `read`, need a server that has them. One that does not refuses the writes with `unknown_type`;
   * to `read`, which expects no answer, its refusal comes as the client's `error` event.
   */
  edit(seq: number, text: string, more?: { mid?: string }): Sending;
  delete(seq: number, more?: { mid?: string }): Sending;
  react(seq: number, emoji: string, on?: boolean, more?: { mid?: string }): Sending;
  /** Older events, in order; `before` is a seq (default: the newest). */
  history(range?: { before?: number; limit?: number }): Promise<{ log: string; msgs: RoomEvent[]; more: boolean }>;
  fetchMembers(range?: { after?: string; limit?: number }): Promise<{ count: number; members: string[]; more: boolean }>;
  /** Throttled: call it on each key press. */
  typing(): void;
  /** Needs a server that has it: see `edit`. */
  read(seq: number): void;
  leave(): void;
}

export class ChatClient extends Emitter<Events> {
  constructor(config?: ClientConfig);
  readonly state: State;
  readonly transport: 'websocket' | 'http' | null;
  readonly user: string | null;
  /** The own identity, as in events; null before the first `welcome`. */
  readonly uid: string | null;
  readonly session: string | null;
  readonly node: string | null;
  /** Longest text in bytes of UTF-8. */
  readonly max: number;
  /** Used by the next hello. */
  name: string | null;

  /** Resolves with the first welcome; rejects when the server forbids to come back, or on close. */
  connect(): Promise<Welcome>;
  /** Connects if need be. `since`: resume from a position that the application stored. */
  join(room: string, options?: { limit?: number; since?: Position }): Promise<Room>;
  room(name: string): Room | undefined;
  readonly joinedRooms: Room[];
  rooms(range?: { prefix?: string; after?: string; limit?: number }): Promise<{ rooms: { room: string; count: number; seq: number }[]; more: boolean }>;
  /** Round trip in milliseconds. */
  ping(): Promise<number>;
  reconnectNow(): void;
  /** Ends everything; whatever is pending rejects with `closed`. */
  close(): void;
}
