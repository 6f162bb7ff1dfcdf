import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { answerParent } from '../child';

/** What the reader of streams is asked to do; null: to close them all. */
export interface OpenStreams {
  /** The gateway's: `http://127.0.0.1:3000` */
  url: string;
  apiKey: string;
  /** A stream for each. */
  userIds: string[];
}

/** Streams that stand, and events that came since they were opened. */
export interface StreamsRead {
  open: number;
  events: number;
}

/** At once, while they are being opened. */
const opening = 50;
const sockets = new Set<Socket>();
let events = 0;

async function openOne(url: URL, apiKey: string, userId: string): Promise<void> {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  await once(socket, 'connect');
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  const first = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`the stream of ${userId} was closed`)));
    socket.on('data', (bytes: Buffer) => {
      if (!bytes.includes('event: status')) return;
      events++;
      resolve();
    });
  });
  socket.write(
    `GET /api/users/${userId}/events HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer ${apiKey}\r\n\r\n`,
  );
  await first;
}

async function openAll({ url, apiKey, userIds }: OpenStreams): Promise<void> {
  events = 0;
  const left = [...userIds];
  const lane = async () => {
    for (let userId = left.pop(); userId !== undefined; userId = left.pop()) {
      await openOne(new URL(url), apiKey, userId);
    }
  };
  await Promise.all(Array.from({ length: opening }, lane));
}

async function closeAll(): Promise<void> {
  const closed = [...sockets].map((socket) => once(socket, 'close'));
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
}

answerParent(async (message): Promise<StreamsRead> => {
  const asked = message as OpenStreams | { close: true } | { look: true };
  if ('url' in asked) await openAll(asked);
  if ('close' in asked) await closeAll();
  return { open: sockets.size, events };
});
