import { bytesOf, frameLimit } from './util.js';

const OPEN = 1; // of the four states, 2 and 3 are closing and closed

/**
 * A link over a WebSocket. Every link has the same shape: `send(object)`, `close(code)`, and it calls
 * `on.open()`, `on.frame(object)` in order, and `on.close(code, reason)` once.
 */
export function openWebSocket(address, { WebSocket }, on) {
  const socket = new WebSocket(address.ws, 'clusterchat.v1');
  let limit = frameLimit();
  socket.onopen = () => on.open();
  socket.onmessage = ({ data }) => {
    for (const line of String(data).split('\n')) {
      if (line === '') continue;
      let frame;
      try {
        frame = JSON.parse(line);
      } catch {
        continue; // nothing of ours: something between us and the server wrote it
      }
      if (frame.t === 'welcome') limit = frameLimit(frame.max);
      on.frame(frame);
    }
  };
  socket.onerror = () => {}; // a close follows and says it all; without a listener Node's `ws` would throw
  socket.onclose = ({ code, reason }) => on.close(code ?? 1006, reason ?? '');
  return {
    send: (frame) => {
      // The other side has closed, and `onclose` is on its way: a browser would drop it and complain. What was not answered is sent again.
      if (socket.readyState > OPEN) return;
      const line = JSON.stringify(frame);
      if (bytesOf(line, limit) > limit) {
        // The server would close the connection for good (3501), and take everything else on it along.
        const error = { t: 'error', id: frame.id, code: 'too_long', message: `a frame must not be longer than ${limit} bytes`, temporary: false };
        Promise.resolve().then(() => on.frame(error));
        return;
      }
      socket.send(line);
    },
    close: (code = 1000) => {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(code);
    },
  };
}
