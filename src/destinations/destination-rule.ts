import { addressesWithin, parseIp, parseIpBlock, type IpBlock } from './ip-address';

/** What an entry of `HOLDFAST_PRIVATE_DESTINATIONS` allows. */
export type DestinationRule =
  /** At one port, or at all of them. */
  | { block: IpBlock; port: number | undefined }
  /** Whatever this name leads to; as `normalHost` writes it. */
  | { host: string; port: number };

/**
 * `10.0.0.0/8`, `10.0.0.0/8:8080`, `[fd00::/8]:443`, `app.internal:8080`, `10.0.0.1:8080`, `[fd00::1]:8080`.
 * @returns undefined where it is none of these
 */
export function parseDestinationRule(text: string): DestinationRule | undefined {
  const everyPort = parseIpBlock(text);
  if (everyPort !== undefined) return { block: everyPort, port: undefined };
  const [, bracketed, plain = '', digits = ''] =
    /^(?:\[([^[\]]+)\]|([^[\]:]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (port < 1 || port > 65_535) return undefined;
  const where = bracketed ?? plain;
  if (where.includes('/')) {
    const block = parseIpBlock(where);
    return block === undefined ? undefined : { block, port };
  }
  const host = asHost(bracketed === undefined ? where : `[${where}]`);
  if (host === undefined) return undefined;
  const ip = parseIp(host);
  if (ip === undefined) return { host, port };
  // An IPv4 address in the clothes of IPv6 is compared as what it is.
  const [itself = ip] = addressesWithin(ip);
  return { block: { ...itself, bits: itself.family === 4 ? 32 : 128 }, port };
}

/** A host in the one form in which two that mean the same are equal; an IPv6 address without its brackets. */
export function normalHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

function asHost(text: string): string | undefined {
  if (!/^[\w.-]+$|^\[[\da-fA-F:.]+\]$/.test(text)) return undefined;
  const address = `http://${text}/`;
  return URL.canParse(address) ? normalHost(new URL(address).hostname) : undefined;
}
