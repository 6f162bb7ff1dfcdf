import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  id: string;
  sequence: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Unix milliseconds: when it was wholly there. */
  at: number;
  /** When it was answered, or its sender gone; null before. */
  endedAt: number | null;
}

/** The application's own server: counts what it gets, and answers as a test tells it to. */
export interface Destination {
  url: string;
  received: Received[];
  /** Default: 204. */
  answer(reply: (request: Received, answer: ServerResponse) => void): void;
  close(): Promise<void>;
}

export async function startDestination(): Promise<Destination> {
  const received: Received[] = [];
  let reply = (_request: Received, answer: ServerResponse): void => {
    answer.writeHead(204).end();
  };
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { headers } = request;
      const one: Received = {
        id: String(headers['webhook-id']),
        sequence: Number(headers['holdfast-sequence']),
        headers,
        body: Buffer.concat(chunks),
        at: Date.now(),
        endedAt: null,
      };
      received.push(one);
      answer.once('close', () => (one.endedAt = Date.now()));
      reply(one, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answer: (next) => {
      reply = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
