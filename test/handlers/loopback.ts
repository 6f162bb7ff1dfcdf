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

async function listen(server: Server, address = '127.0.0.1', port = 0): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  running.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
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

export interface CountingServer {
  port: number;
  connections(): number;
  /** Of whatever came first. */
  firstByte(): number | undefined;
  /** Once every connection so far has ended. */
  closed(): Promise<void>;
  hangUpAfterEach(): void;
}

/** An HTTP server on an address of its own that counts who comes, even if nothing is sent. */
export async function countingServer(address: string, port = 0): Promise<CountingServer> {
  let [connections, open] = [0, 0];
  let firstByte: number | undefined;
  let ended: () => void = () => undefined;
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(204).end());
  });
  server.on('connection', (socket) => {
    connections++;
    open++;
    socket.prependOnceListener('data', (chunk: Buffer) => (firstByte ??= chunk[0]));
    socket.on('close', () => {
      open--;
      if (open === 0) ended();
    });
  });
  server.on('clientError', (_error, socket: Socket) => socket.destroy());
  return {
    port: await listen(server, address, port),
    connections: () => connections,
    firstByte: () => firstByte,
    closed: () =>
      new Promise((resolve) => {
        ended = resolve;
        if (connections > 0 && open === 0) resolve();
      }),
    hangUpAfterEach: () => {
      server.keepAliveTimeout = 1;
      server.maxRequestsPerSocket = 1;
    },
  };
}
