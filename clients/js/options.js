/** Defaults, in milliseconds where not said otherwise; what each one does is in clusterchat.d.ts. */
export const DEFAULTS = {
  backoff: { baseMs: 500, capMs: 10_000 },
  stableMs: 5_000,             // a connection that lived so long was a success: the back-off starts over
  rateMs: 5_000,
  openTimeoutMs: 4_000,        // many round trips of a slow line; an address may lead to a machine that is gone
  openTimeoutCapMs: 10_000,    // as long as the server itself waits for a hello
  pongTimeoutMs: 8_000,
  answerTimeoutMs: 15_000,
  requestTimeoutMs: 20_000,
  retryMs: 1_000,
  window: 1,
  upgradeMs: 60_000,           // in fallback: how often a WebSocket is tried again
};
