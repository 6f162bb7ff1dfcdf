import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A connection without any manners: bytes as they are, and whatever comes back. */
export interface RawSender {
  socket: Socket;
  /** What has come back so far. */
  answer: () => string;
  /** Once the gateway has ended the connection. */
  closed: Promise<void>;
}

export async function rawSender(port: number): Promise<RawSender> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A sender that is refused in the middle of its body may find its connection gone.
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, answer: () => Buffer.concat(chunks).toString('latin1'), closed };
}

export const head = (line: string, ...headers: string[]): string =>
  [`${line} HTTP/1.1`, 'host: x', ...headers, '', ''].join('\r\n');

/** One chunk of a chunked body. */
export const chunked = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

/**
 * Writes as long as the connection takes it.
 * @returns how many bytes it took
 */
export async function pour(socket: Socket, piece: Buffer, totalBytes: number): Promise<number> {
  let written = 0;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  while (written < totalBytes && socket.writable) {
    written += piece.length;
    if (!socket.write(piece)) {
      await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
    }
  }
  return written;
}

/** Writes a piece every `everyMs` until the connection ends. */
export async function trickle(socket: Socket, piece: string, everyMs: number): Promise<void> {
  while (socket.writable) {
    socket.write(piece);
    await pause(everyMs);
  }
}
