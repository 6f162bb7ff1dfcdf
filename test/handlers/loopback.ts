import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createNetServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Received {
  path: string;
  rawHeaders: string[];
  headers: IncomingMessage['headers'];
  body: Buffer;
}

type Answer = (response: ServerResponse, received: Received, count: number) => void;

const running: { server: Server; sockets: Set<Socket> }[] = [];

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  running.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A real HTTP server; what it answers is up to the test. */
export async function httpServer(
  answer: Answer,
): Promise<{ origin: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then(
      (body) => {
        const { url = '', rawHeaders, headers } = request;
        const one = { path: url, rawHeaders, headers, body };
        received.push(one);
        answer(response, one, received.length);
      },
      () => undefined,
    );
  });
  return { origin: `http://127.0.0.1:${await listen(server)}`, received };
}

/** A TCP server without any manners; what it does with a connection is up to the test. */
export async function tcpServer(serve: (socket: Socket) => void): Promise<string> {
  return `http://127.0.0.1:${await listen(createNetServer(serve))}`;
}

/** An origin where nobody listens. */
export async function deadOrigin(): Promise<string> {
  const server = createNetServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

export async function closeServers(): Promise<void> {
  for (const { server, sockets } of running.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}
