import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Exchange, isForTaker, secretsOf } from './exchange';
import { noteTaker, noteSecret, noteText } from './record';
import { isFastify, isProvider } from './server-roles';

/** Ports of this process's own servers. */
export const ownPorts = new Set<number>();

const mostBytes = 256 * 1024;
let servers = 0;
const names = new WeakMap<Server, string>();

/**
 * Reads along at every `node:http` server of this process: notes the secrets that it gives out, and
 * keeps the requests to whoever turns out to be nobody that tokens are meant for.
 */
export function tapHttpServers(): void {
  const prototype = http.Server.prototype as { emit: (...all: unknown[]) => boolean };
  const { emit } = prototype;
  prototype.emit = function (this: Server, event, ...parts) {
    if (event === 'listening') notePort(this, (port) => ownPorts.add(port));
    if (event === 'request' && !isFastify(this)) {
      readAlong(this, parts[0] as IncomingMessage, parts[1] as ServerResponse);
    }
    return emit.call(this, event, ...parts);
  };
}

function notePort(server: Server, use: (port: number) => void): void {
  const address = server.address();
  if (address === null || typeof address === 'string') return;
  use(address.port);
  server.once('close', () => ownPorts.delete(address.port));
}

function readAlong(server: Server, request: IncomingMessage, response: ServerResponse): void {
  const asked = collect(request, 'push');
  const written = collect(response, 'write');
  const ended = collect(response, 'end');
  response.once('close', () => {
    const exchange: Exchange = {
      path: request.url ?? '/',
      requestHeaders: request.headers,
      requestBody: Buffer.concat(asked),
      responseHeaders: response.getHeaders(),
      responseBody: Buffer.concat([...written, ...ended]),
    };
    for (const { kind, value } of secretsOf(exchange)) noteSecret(kind, value);
    judge(server, request, exchange);
  });
}

/** Copies of what a method is handed, up to a limit. */
function collect(stream: object, method: 'push' | 'write' | 'end'): Buffer[] {
  const chunks: Buffer[] = [];
  const methods = stream as Record<string, (...parts: unknown[]) => unknown>;
  const original = methods[method];
  let bytes = 0;
  methods[method] = function (this: object, chunk, ...rest) {
    if ((typeof chunk === 'string' || chunk instanceof Uint8Array) && bytes < mostBytes) {
      const copy = Buffer.from(chunk as string);
      bytes += copy.length;
      chunks.push(copy);
    }
    return original?.call(this, chunk, ...rest);
  };
  return chunks;
}

function judge(server: Server, { method = '' }: IncomingMessage, exchange: Exchange): void {
  const name = names.get(server) ?? `server ${process.pid}-${++servers}`;
  names.set(server, name);
  if (isProvider(server) || isForTaker(exchange)) noteTaker(name);
  const { path, requestHeaders, requestBody } = exchange;
  const head = `${method} ${path} ${JSON.stringify(requestHeaders)}\n`;
  // What is forwarded is the webhook itself; a notice must not hold one.
  const body = 'holdfast-sequence' in requestHeaders ? '' : requestBody.toString('latin1');
  noteText('request to an application', Buffer.from(head + body, 'latin1'), name);
}
