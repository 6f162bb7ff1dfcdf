import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { openRegistry } from '../support/connections';
import { markProvider } from '../support/recorder/server-roles';
import type { OAuthDeclaration, Provider, ProviderDeclaration } from '../../src/providers/provider';

const open: (() => Promise<void>)[] = [];

/** Closes whatever this file's tests have started; for `afterEach`. */
export async function closeServers(): Promise<void> {
  await Promise.all(open.splice(0).map((close) => close()));
}

export interface Listening {
  port: number;
  /** How many connections came. */
  connections: number;
}

/** Any TCP server, on a free port of loopback. */
export async function listen(server: net.Server): Promise<Listening> {
  const sockets = new Set<net.Socket>();
  const listening = { port: 0, connections: 0 };
  server.on('connection', (socket) => {
    listening.connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  listening.port = (server.address() as AddressInfo).port;
  open.push(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return listening;
}

export interface SeenRequest {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  /** As text; `form` reads it as a form. */
  body: string;
  form: URLSearchParams;
}

/** A provider's HTTP server that reads each request whole, keeps it, and answers as told. */
export async function serve(
  answer: (response: http.ServerResponse, request: SeenRequest) => void,
): Promise<Listening & { requests: SeenRequest[] }> {
  const requests: SeenRequest[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const { method = '', url = '', headers } = request;
      const seen = { method, url, headers, body, form: new URLSearchParams(body) };
      requests.push(seen);
      answer(response, seen);
    });
  });
  markProvider(server);
  return Object.assign(await listen(server), { requests });
}

/** A port where nobody listens: one that was free a moment ago. */
export async function closedPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The provider `acme` at an origin, as a configuration file would declare it. */
export function acme(
  origin: string,
  oauth: Partial<OAuthDeclaration> = {},
  rest: Partial<ProviderDeclaration> = {},
): Provider {
  const declaration = {
    authorizationUrl: `${origin}/authorize`,
    tokenUrl: `${origin}/token`,
    clientId: 'client',
    clientSecret: 'the-client-secret',
    ...oauth,
  };
  const registry = openRegistry({ providers: { acme: { oauth: declaration, ...rest } } });
  const provider = registry.get('acme');
  if (provider === undefined) throw new Error('The registry lost its provider.');
  return provider;
}
