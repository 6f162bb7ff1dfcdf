import { connect } from 'node:net';
import { readAnswer, type Answer } from './answer';

/** One connection, with one request under way at a time. */
export interface Connection {
  /** Sends a request; it must not be changed before its answer has come. */
  send(request: Buffer): void;
  close(): void;
}

const maxAnswerBytes = 16 * 1024;

/**
 * @param answered is told each answer
 * @param failed is told why there will be no more
 */
export function openConnection(
  url: URL,
  answered: (answer: Answer) => void,
  failed: (error: Error) => void,
): Promise<Connection> {
  let text = '';
  const read = (length: number, bytes: Uint8Array): boolean => {
    try {
      text += (bytes as Buffer).toString('latin1', 0, length);
      const answer = readAnswer(text);
      if (answer !== null) {
        text = '';
        answered(answer);
      }
    } catch (error) {
      failed(error as Error);
    }
    return true;
  };
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: url.hostname,
      port: Number(url.port),
      noDelay: true,
      onread: { buffer: Buffer.alloc(maxAnswerBytes), callback: read },
    });
    socket.on('error', (error) => {
      reject(error);
      failed(error);
    });
    socket.on('close', () => failed(new Error('the server closed a connection')));
    socket.on('connect', () =>
      resolve({ send: (request) => void socket.write(request), close: () => socket.destroy() }),
    );
  });
}
