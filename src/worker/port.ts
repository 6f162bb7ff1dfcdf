import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../config/settings';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import { mayReadMetrics } from '../metrics/access';
import type { Readiness } from './readiness';

interface PortOptions {
  host: string;
  /** 0: a free one. */
  port: number;
  readiness: () => Readiness;
  /** All that is measured; undefined where nothing is. */
  measured: (() => Promise<{ contentType: string; text: string }>) | undefined;
  metricsToken: string | undefined;
  log: Logger;
}

export interface WorkerPort {
  /** Such as `http://127.0.0.1:9464`. */
  url: string;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  contentType: string;
  text: string;
  headers?: Record<string, string>;
}

const limitsMs = { headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 5_000 };

/**
 * Answers `/healthz`, `/readyz` and `/metrics`, of what is known already: however Postgres and Temporal are.
 *
 * @throws ConfigError where nobody can listen there
 */
export async function listenForOperators(options: PortOptions): Promise<WorkerPort> {
  const { host, port, log } = options;
  const server = createServer(limitsMs, (request, response) => {
    // Nobody here wants a body.
    request.resume();
    answer(options, request)
      .catch((error: unknown) => {
        log.warn(
          { event: 'metrics.unread', err: messageOf(error) },
          'What is measured could not be put together',
        );
        return failure(503, 'overloaded', 'What is measured can not be told at the moment.');
      })
      .then((said) => send(request, response, said))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, resolve);
  }).catch((error: unknown) => {
    throw new ConfigError([whyNot(host, port, error as NodeJS.ErrnoException)], { cause: error });
  });
  return {
    url: urlOf(server.address() as AddressInfo),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(options: PortOptions, request: IncomingMessage): Promise<Answer> {
  const [path = ''] = (request.url ?? '').split('?', 1);
  const found = await routes.get(path)?.(options, request);
  if (found === undefined) return failure(404, 'not_found', 'There is nothing here.');
  if (request.method === 'GET' || request.method === 'HEAD') return found;
  const refused = failure(405, 'invalid_request', 'Here only GET and HEAD are answered.');
  return { ...refused, headers: { allow: 'GET, HEAD' } };
}

/** @returns undefined where it is not there for who asks */
type Route = (options: PortOptions, request: IncomingMessage) => Promise<Answer | undefined>;

const routes = new Map<string, Route>([
  ['/healthz', () => Promise.resolve(json(200, { status: 'ok' }))],
  [
    '/readyz',
    ({ readiness }) => {
      const ready = readiness();
      return Promise.resolve(json(ready.status === 'ok' ? 200 : 503, ready));
    },
  ],
  [
    '/metrics',
    async ({ measured, metricsToken }, { socket, headers }) => {
      const asker = { peer: socket.remoteAddress, headers };
      if (measured === undefined || !mayReadMetrics(asker, metricsToken)) return undefined;
      return { status: 200, ...(await measured()) };
    },
  ],
]);

const json = (status: number, body: object): Answer => ({
  status,
  contentType: 'application/json; charset=utf-8',
  text: JSON.stringify(body),
});

const failure = (status: number, code: string, message: string): Answer =>
  json(status, { error: { code, message } });

function send({ method }: IncomingMessage, response: ServerResponse, said: Answer): void {
  const { status, contentType, text, headers } = said;
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : text);
}

function whyNot(host: string, port: number, { code, message }: NodeJS.ErrnoException): string {
  const reason =
    code === 'EADDRINUSE' ? 'is taken by another process' : `can't be used: ${message}`;
  return `HOLDFAST_WORKER_PORT: port ${port} on ${host} ${reason}; free it, or set another port (0: a free one)`;
}

const urlOf = ({ address, family, port }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
