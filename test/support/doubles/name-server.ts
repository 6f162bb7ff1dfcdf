import { createSocket } from 'node:dgram';

export interface NameServer {
  /** As `Resolver.setServers` takes it. */
  address: string;
  /** The names that were asked for, each once for IPv4 and once for IPv6. */
  asked: string[];
  close(): void;
}

/** A DNS server (RFC 1035) on loopback that has IPv4 addresses alone, and never answers for what `silent` says. */
export async function startNameServer(
  addressOf: (name: string) => string | undefined,
  silent: (name: string, family: 4 | 6) => boolean,
): Promise<NameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, { port, address }) => {
    const { name, end } = questionOf(query);
    const family = query.readUInt16BE(end - 4) === 28 ? 6 : 4;
    asked.push(name);
    if (silent(name, family)) return;
    const found = addressOf(name);
    const ip = family === 4 ? found?.split('.').map(Number) : undefined;
    const header = Buffer.from(query.subarray(0, 12));
    // An answer of a recursive server; 3: no such name.
    header.writeUInt16BE(0x8180 | (found === undefined ? 3 : 0), 2);
    header.writeUInt16BE(ip === undefined ? 0 : 1, 6);
    header.writeUInt32BE(0, 8);
    const record = ip === undefined ? [] : [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...ip];
    socket.send(
      Buffer.concat([header, query.subarray(12, end), Buffer.from(record)]),
      port,
      address,
    );
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    close: () => socket.close(),
  };
}

function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 5 };
}
