import type { IncomingHttpHeaders } from 'node:http';
import { equalSecrets } from '../crypto/hash';
import { addressesWithin, isInBlock, parseIp, parseIpBlock } from '../destinations/ip-address';

interface Asker {
  /** The connection's other end, not what a header says. */
  peer: string | undefined;
  headers: IncomingHttpHeaders;
}

/** A proxy says with one of these whom it asks for: then loopback is the proxy's address, and not the asker's. */
const forwarding = /^(forwarded|x-forwarded-.+|x-real-ip|via)$/;

/**
 * Whether `/metrics` is answered on a port that others reach too: to who has the token, or, without it, to a process of the same
 * machine. To everybody else it is not there.
 *
 * @param token `HOLDFAST_METRICS_TOKEN`
 */
export function mayReadMetrics({ peer, headers }: Asker, token: string | undefined): boolean {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (token !== undefined && bearer !== undefined && equalSecrets(bearer, token)) return true;
  return !Object.keys(headers).some((name) => forwarding.test(name)) && isLoopback(peer);
}

const loopback = ['127.0.0.0/8', '::1/128'].flatMap((block) => parseIpBlock(block) ?? []);

function isLoopback(peer = ''): boolean {
  const ip = parseIp(peer);
  return (
    ip !== undefined &&
    [ip, ...addressesWithin(ip)].some((one) => loopback.some((block) => isInBlock(one, block)))
  );
}
