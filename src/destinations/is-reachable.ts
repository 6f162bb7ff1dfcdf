import { normalHost, parseDestinationRule } from './destination-rule';
import { addressesWithin, isInBlock, parseIp, type IpAddress } from './ip-address';
import { globalUnicast6, neverReached, notPublic } from './special-blocks';

/** `HOLDFAST_PRIVATE_DESTINATIONS`: which addresses that are not public may be reached; a list allows its entries alone. */
export type PrivateDestinations = 'allow' | 'deny' | readonly string[];

/** Where a connection is to go, or has ended. */
export interface Endpoint {
  /** What was asked for, as `URL.hostname` has it. */
  hostname: string;
  /** An IP address. */
  address: string;
  port: number;
}

export type Reachable = (endpoint: Endpoint) => boolean;

/** The decision behind `HOLDFAST_PRIVATE_DESTINATIONS`; what is no IP address may not be reached. Pure. */
export function createReachable(setting: PrivateDestinations): Reachable {
  const rules =
    typeof setting === 'string' ? [] : setting.flatMap((text) => parseDestinationRule(text) ?? []);

  const isListed = (ip: IpAddress, { hostname, port }: Endpoint): boolean =>
    rules.some((rule) => {
      if (rule.port !== undefined && rule.port !== port) return false;
      return 'host' in rule ? rule.host === normalHost(hostname) : isInBlock(ip, rule.block);
    });

  const isAllowed = (ip: IpAddress, endpoint: Endpoint): boolean => {
    if (neverReached.some((never) => isInBlock(ip, never))) return false;
    return setting === 'allow' || isPublic(ip) || isListed(ip, endpoint);
  };

  return (endpoint) => {
    const ip = parseIp(endpoint.address);
    return ip !== undefined && addressesWithin(ip).every((within) => isAllowed(within, endpoint));
  };
}

function isPublic(ip: IpAddress): boolean {
  if (ip.family === 6 && !isInBlock(ip, globalUnicast6)) return false;
  return !notPublic.some((special) => isInBlock(ip, special));
}
