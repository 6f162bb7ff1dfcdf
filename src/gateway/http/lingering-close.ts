import type { Socket } from 'node:net';

/** How long, and how much, a sender may go on sending after its answer. */
const lingerMs = 2_000;
const lingerBytes = 8 * 1024 * 1024;

const ending = new WeakSet<Socket>();
const closing = new WeakSet<Socket>();

/** Whether this connection's last answer is decided: whatever else comes on it is nobody's business. */
export const isEnding = (socket: Socket): boolean => ending.has(socket);

/** Reads no more requests from a connection, and ends it once the answer that is under way is out. */
export function endAfterAnswer(socket: Socket): void {
  readNoMore(socket);
  // What Node calls then, for an answer that says "connection: close".
  socket.destroySoon = () => closeGently(socket);
}

/**
 * Ends a connection whose sender may still be sending. Closed with bytes unread, the system would send a
 * reset, which overtakes the answer: so what still comes is thrown away, for a while, by nobody's parser.
 */
export function closeGently(socket: Socket): void {
  if (closing.has(socket) || socket.destroyed) return;
  closing.add(socket);
  readNoMore(socket);
  socket.end();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
}

/** What still comes is thrown away, and from some point on not even that. */
function readNoMore(socket: Socket): void {
  if (ending.has(socket)) return;
  ending.add(socket);
  socket.removeAllListeners('data');
  const end = socket.bytesRead + lingerBytes;
  // Node's own server lets go of the connection's bytes when somebody else listens for them.
  socket.on('data', () => {
    if (socket.bytesRead > end) socket.pause();
  });
  socket.resume();
  // The server may have stopped reading for a body that nobody wanted, and has just stopped hearing "resume".
  socket._read(0);
}
