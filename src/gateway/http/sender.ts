import fastifyPlugin from 'fastify-plugin';
import {
  addressesWithin,
  type IpAddress,
  type IpBlock,
  isInBlock,
  parseIp,
  parseIpBlock,
} from '../../destinations/ip-address';

/** Who sent a request, as far as the proxies that are trusted say it. */
export interface Sender {
  /** As seen; an IPv4-mapped IPv6 address as the IPv4 address that it is. */
  address: string;
  /** Who counts as one: an IPv6 address by its /64, which is what one host gets. */
  key: string;
  /**
   * Whether many may come from this address: a trusted proxy that names nobody, or a private address, which may be a load
   * balancer that nobody has named. Then no share is counted for it.
   */
  isShared: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    readonly sender: Sender;
  }
}

/**
 * @param peer the connection's other end
 * @param forwardedFor `X-Forwarded-For`, several headers of it joined in their order
 */
export type SenderOf = (peer: string | undefined, forwardedFor?: string) => Sender;

interface Known extends Sender {
  isTrusted: boolean;
}

/** As many are worth knowing at once; parsing one again costs microseconds. */
const maxKnown = 10_000;
const nobody: Sender = { address: 'unknown', key: 'unknown', isShared: true };

/** RFC 1918, 6598 (CGNAT), 4193; loopback and link-local. */
const privateBlocks = blocks([
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8'],
  ...['169.254.0.0/16', 'fc00::/7', 'fe80::/10', '::1/128'],
]);

/**
 * Walks `X-Forwarded-For` from the right, for as long as who said it is trusted: what stands to the left of the first
 * address that isn't may be anybody's invention. At an entry that is no address the one who wrote it is the sender.
 *
 * @param trustedProxies CIDRs
 */
export function createSenderOf(trustedProxies: readonly string[]): SenderOf {
  const trusted = blocks(trustedProxies);
  const known = new Map<string, Known>();

  function lookUp(text: string): Known | undefined {
    const found = known.get(text);
    if (found !== undefined) return found;
    const parsed = parseIp(text);
    if (parsed === undefined) return undefined;
    const [ip = parsed] = addressesWithin(parsed);
    const isTrusted = isInOneOf(ip, trusted) || isInOneOf(parsed, trusted);
    const [key, address] = ip.family === 4 ? [dotted(ip), dotted(ip)] : [prefixOf(ip), plain(text)];
    const entry = { address, key, isTrusted, isShared: isTrusted || isInOneOf(ip, privateBlocks) };
    if (known.size >= maxKnown) known.clear();
    known.set(text, entry);
    return entry;
  }

  return (peer = '', forwardedFor) => {
    let sender = lookUp(peer);
    if (sender === undefined) return nobody;
    if (forwardedFor === undefined || !sender.isTrusted) return sender;
    const entries = forwardedFor.split(',');
    while (sender.isTrusted) {
      const before = lookUp(withoutPort(entries.pop() ?? ''));
      if (before === undefined) break;
      sender = before;
    }
    return sender;
  };
}

/** Some proxies name a port: `192.0.2.1:443`, `[2001:db8::1]:443`. */
function withoutPort(entry: string): string {
  const text = entry.trim();
  return /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, '$1');
}

const isInOneOf = (ip: IpAddress, list: readonly IpBlock[]): boolean =>
  list.some((block) => isInBlock(ip, block));

/** An IPv6 address's own text, without a zone. */
const plain = (text: string): string => text.replace(/%.*$/, '').toLowerCase();

const dotted = ({ value }: IpAddress): string =>
  [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');

const prefixOf = ({ value }: IpAddress): string => `${(value >> 64n).toString(16)}::/64`;

function blocks(texts: readonly string[]): IpBlock[] {
  return texts.flatMap((text) => parseIpBlock(text) ?? []);
}

/**
 * Nothing else that proxies say is believed: Fastify's own `trustProxy` takes host and protocol from them too, and no
 * address with a port.
 */
export const requestSender = fastifyPlugin<{ senderOf: SenderOf }>((app, { senderOf }, done) => {
  app.decorateRequest('sender', {
    getter() {
      const { socket, headers } = this.raw;
      const forwardedFor = headers['x-forwarded-for'];
      return senderOf(
        socket.remoteAddress,
        typeof forwardedFor === 'string' ? forwardedFor : forwardedFor?.join(','),
      );
    },
  });
  done();
});
