import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface TransactionPooler {
  /** The database's address by way of the pooler. */
  url: string;
  close(): Promise<void>;
}

/** What PgBouncer takes at a connection's start without being told to; anything else it refuses. */
const known = new Set(['user', 'database', 'client_encoding', 'application_name', 'TimeZone']);

/**
 * Stands before a Postgres as PgBouncer does with `pool_mode = transaction` and one server: all clients share a session,
 * each for a transaction at a time. The first one signs in for everybody.
 */
export async function startTransactionPooler(databaseUrl: string): Promise<TransactionPooler> {
  const { hostname, port } = new URL(databaseUrl);
  const backend = connect(Number(port), hostname);
  const sockets = new Set<Socket>([backend]);
  /** What the server said after signing in, up to its first ReadyForQuery. */
  const greeting: Buffer[] = [];
  let isSignedIn = false;
  let signingIn: Socket | null = null;
  let served: Socket | null = null;
  const waiting: { client: Socket; messages: Buffer[] }[] = [];

  const serve = () => {
    if (served !== null || !isSignedIn) return;
    const next = waiting.shift();
    if (next === undefined) return;
    served = next.client;
    for (const message of next.messages) backend.write(message);
  };

  readMessages(backend, false, (message) => {
    const type = String.fromCharCode(message[0] ?? 0);
    const isAuthenticated = type === 'R' && message.readInt32BE(5) === 0;
    if (!isSignedIn) {
      signingIn?.write(message);
      if (isAuthenticated || greeting.length > 0) greeting.push(message);
      if (type !== 'Z') return;
      isSignedIn = true;
    } else {
      served?.write(message);
      // In a transaction it is not given up.
      if (type !== 'Z' || String.fromCharCode(message[5] ?? 0) !== 'I') return;
      served = null;
    }
    serve();
  });

  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => undefined);
    client.on('close', () => sockets.delete(client));
    let messages: Buffer[] = [];
    readMessages(client, true, (message, isFirst) => {
      const type = String.fromCharCode(message[0] ?? 0);
      if (isFirst) {
        const refused = parametersOf(message).find((name) => !known.has(name));
        if (refused !== undefined) client.end(protocolViolation(refused));
        else if (isSignedIn) client.write(Buffer.concat(greeting));
        else {
          signingIn = client;
          backend.write(message);
        }
      } else if (!isSignedIn) backend.write(message);
      else if (type === 'X') client.end();
      else if (client === served) backend.write(message);
      else {
        messages.push(message);
        // A whole request: a simple query, or up to the Sync of an extended one.
        if (type !== 'Q' && type !== 'S') return;
        waiting.push({ client, messages });
        messages = [];
        serve();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Cuts what comes into the messages of Postgres' protocol; a client's first one has no type. */
function readMessages(
  socket: Socket,
  isClient: boolean,
  take: (message: Buffer, isFirst: boolean) => void,
): void {
  let rest = Buffer.alloc(0);
  let isFirst = isClient;
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const at = isFirst ? 0 : 1;
      if (rest.length < at + 4) return;
      const end = at + rest.readInt32BE(at);
      if (rest.length < end) return;
      const message = rest.subarray(0, end);
      rest = rest.subarray(end);
      take(message, isFirst);
      isFirst = false;
    }
  });
}

const parametersOf = (startup: Buffer): string[] =>
  startup
    .toString('utf8', 8)
    .split('\0')
    .filter((text, index) => index % 2 === 0 && text !== '');

function protocolViolation(parameter: string): Buffer {
  const fields = `SFATAL\0C08P01\0Munsupported startup parameter: ${parameter}\0\0`;
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, Buffer.from(fields)]);
}
