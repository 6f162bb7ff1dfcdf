import {
  type ClientHttp2Session,
  connect,
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

interface DoorOptions {
  /** `host:port` of the real server. */
  address: string;
  /** The path of a method (`/temporal.api.operatorservice.v1.OperatorService/ListSearchAttributes`) that nobody may call. */
  isDenied?: (path: string) => boolean;
  /** The bearer that every call has to bring. */
  apiKey?: string;
  /** PEM. With `ca` a client has to show a certificate of its. */
  tls?: { key: string; cert: string; ca?: string };
}

/** What a hosted namespace has before it: TLS, certificates or keys, and methods that only administrators may call. */
export interface TemporalDoor {
  address: string;
  /** The paths of the calls that were refused, and why. */
  refused: { path: string; why: 'denied' | 'unauthenticated' }[];
  close(): Promise<void>;
}

/** gRPC status codes. */
const codes = { denied: '7', unauthenticated: '16' } as const;

export async function startTemporalDoor(options: DoorOptions): Promise<TemporalDoor> {
  const upstream = connect(`http://${options.address}`);
  upstream.on('error', () => undefined);
  const refused: TemporalDoor['refused'] = [];
  const sessions = new Set<Http2Session>();
  const server: Http2Server =
    options.tls === undefined
      ? createServer()
      : createSecureServer({
          ...options.tls,
          requestCert: options.tls.ca !== undefined,
          rejectUnauthorized: options.tls.ca !== undefined,
        });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    const why = refusal(headers, options);
    if (why === null) {
      pass(upstream, stream, headers);
      return;
    }
    refused.push({ path: String(headers[':path']), why });
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': codes[why] },
      { endStream: true },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused,
    close: () =>
      new Promise((resolve) => {
        upstream.destroy();
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  };
}

function refusal(headers: IncomingHttpHeaders, { apiKey, isDenied }: DoorOptions) {
  if (apiKey !== undefined && headers.authorization !== `Bearer ${apiKey}`)
    return 'unauthenticated';
  return isDenied?.(headers[':path'] ?? '') === true ? 'denied' : null;
}

function pass(
  upstream: ClientHttp2Session,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): void {
  const request = upstream.request({ ...headers, ':scheme': 'http' });
  for (const one of [stream, request]) one.on('error', () => undefined);
  let trailers: IncomingHttpHeaders = {};
  request.on('trailers', (given: IncomingHttpHeaders) => {
    trailers = given;
  });
  request.on('response', (answer, flags) => {
    if (stream.destroyed) return;
    // What fails at once is answered with headers alone, which have the status.
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
      stream.respond(answer, { endStream: true });
      return;
    }
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.respond(answer, { waitForTrailers: true });
    request.pipe(stream);
  });
  stream.pipe(request);
  stream.on('close', () => request.close());
}
