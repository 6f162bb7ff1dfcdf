import { addressesWithin, isInBlock, parseIp, parseIpBlock, type IpAddress } from './ip-address';
import { globalUnicast6, neverReached, notPublic } from './special-blocks';

/** `HOLDFAST_PRIVATE_DESTINATIONS`: which addresses that are not public may be reached; CIDRs are those blocks alone. */
export type PrivateDestinations = 'allow' | 'deny' | readonly string[];

/** Whether webhooks may be forwarded to an IP address. What is no address may not. */
export type Reachable = (address: string) => boolean;

/** The decision behind `HOLDFAST_PRIVATE_DESTINATIONS`. Pure. */
export function createReachable(setting: PrivateDestinations): Reachable {
  const allowed = typeof setting === 'string' ? [] : setting.flatMap((text) => block(text));
  const isAllowed = (ip: IpAddress): boolean => {
    if (neverReached.some((never) => isInBlock(ip, never))) return false;
    return setting === 'allow' || isPublic(ip) || allowed.some((own) => isInBlock(ip, own));
  };
  return (address) => {
    const ip = parseIp(address);
    return ip !== undefined && addressesWithin(ip).every(isAllowed);
  };
}

function block(text: string) {
  const parsed = parseIpBlock(text);
  return parsed === undefined ? [] : [parsed];
}

function isPublic(ip: IpAddress): boolean {
  if (ip.family === 6 && !isInBlock(ip, globalUnicast6)) return false;
  return !notPublic.some((special) => isInBlock(ip, special));
}
