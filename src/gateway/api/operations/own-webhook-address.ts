import { portOf } from '../../../destinations/connection-rules';
import {
  addressesWithin,
  isInBlock,
  literalAddresses,
  parseIp,
  parseIpBlock,
} from '../../../destinations/ip-address';
import type { GatewayConfig } from '../../deps';

/** This machine, under any of its own addresses; what is bound to all of them answers at `0.0.0.0` and `::` too. */
const thisMachine = ['127.0.0.0/8', '0.0.0.0/32', '::1/128', '::/128'].flatMap(
  (text) => parseIpBlock(text) ?? [],
);

/**
 * Whether an address is one at which this gateway takes webhooks, as far as it can be told without asking anybody: at the
 * public address, by whichever of http and https, or where the process itself listens. Other ways back show when a
 * webhook comes by them (`holdfast-via`).
 */
export function isOwnWebhookAddress(
  url: URL,
  { publicUrl, host, port }: Pick<GatewayConfig, 'publicUrl' | 'host' | 'port'>,
): boolean {
  const own = new URL(publicUrl);
  const isPublic = nameOf(url) === nameOf(own) && placeOf(url) === placeOf(own);
  const listensHere = portOf(url) === port && (nameOf(url) === host || isThisMachine(url));
  const path = pathOf(url);
  const isUnderPublicPath = path.startsWith(`${own.pathname.replace(/\/$/, '')}/webhooks/`);
  // A proxy may take the path of the public address away.
  return (
    (isPublic && isUnderPublicPath) ||
    (listensHere && (isUnderPublicPath || path.startsWith('/webhooks/')))
  );
}

const nameOf = ({ hostname }: URL) => hostname.replace(/\.$/, '').replace(/^\[(.*)\]$/, '$1');

/** Behind the usual two ports of one name is the same thing. */
const placeOf = (url: URL) => ([80, 443].includes(portOf(url)) ? 'usual' : portOf(url));

function isThisMachine({ hostname }: URL): boolean {
  return (literalAddresses(hostname) ?? [])
    .flatMap((address) => parseIp(address) ?? [])
    .flatMap(addressesWithin)
    .some((ip) => thisMachine.some((block) => isInBlock(ip, block)));
}

/** As routers and proxies read it. */
function pathOf({ pathname }: URL): string {
  const merged = pathname.replaceAll(/\/{2,}/g, '/');
  try {
    return decodeURI(merged);
  } catch {
    return merged;
  }
}
