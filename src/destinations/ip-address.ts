import { isIPv4, isIPv6, isIP } from 'node:net';

export interface IpAddress {
  family: 4 | 6;
  /** 32 or 128 bits. */
  value: bigint;
}

/** The addresses that begin with the same `bits` bits. */
export interface IpBlock extends IpAddress {
  bits: number;
}

/** Undefined where the text is no address as RFC 4291 or dotted decimals have it. A zone is dropped. */
export function parseIp(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { family: 4, value: joined(text.split('.').map(Number), 8n) };
  if (!isIPv6(text)) return undefined;
  const [address = ''] = text.split('%');
  const [head = '', tail] = address.split('::');
  const first = groups(head);
  const last = groups(tail ?? '');
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0);
  return { family: 6, value: joined([...first, ...zeros, ...last], 16n) };
}

/** `10.0.0.0/8`; undefined where it is none. Bits behind the length don't matter. */
export function parseIpBlock(text: string): IpBlock | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  const ip = address.includes('%') ? undefined : parseIp(address);
  if (ip === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length)) return undefined;
  const bits = Number(length);
  return bits <= widthOf(ip) ? { ...ip, bits } : undefined;
}

export function isInBlock(ip: IpAddress, block: IpBlock): boolean {
  if (ip.family !== block.family) return false;
  const shift = BigInt(widthOf(ip) - block.bits);
  return ip.value >> shift === block.value >> shift;
}

const widthOf = ({ family }: IpAddress): number => (family === 4 ? 32 : 128);

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function joined(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((value, part) => (value << width) | BigInt(part), 0n);
}

const low32 = (1n << 32n) - 1n;

/**
 * Every address that a packet to this one may end at. An IPv6 address can carry an IPv4 address, and a
 * translator or tunnel on the way unpacks it. Where nothing but the unpacked one can be meant, it is alone.
 */
export function addressesWithin(ip: IpAddress): IpAddress[] {
  if (ip.family === 4) return [ip];
  const { value } = ip;
  // IPv4-mapped (RFC 4291) and NAT64's well-known prefix (RFC 6052): the IPv4 address in other clothes.
  if (value >> 32n === 0xffffn || value >> 32n === 0x64ff9bn << 64n) return [v4(value)];
  return [ip, ...carried(value)];
}

function carried(value: bigint): IpAddress[] {
  // IPv4-compatible (RFC 4291); but :: and ::1 are themselves.
  if (value >> 32n === 0n) return value > 1n ? [v4(value)] : [];
  // IPv4-translated (RFC 2765), NAT64 with a local prefix (RFC 8215).
  if (value >> 32n === 0xffff0000n || value >> 80n === 0x64ff9b0001n) return [v4(value)];
  // 6to4 (RFC 3056).
  if (value >> 112n === 0x2002n) return [v4(value >> 80n)];
  // Teredo (RFC 4380): the server's address, and the client's with its bits turned over.
  if (value >> 96n === 0x20010000n) return [v4(value >> 64n), v4(value ^ low32)];
  // ISATAP (RFC 5214), in an interface identifier of any network.
  if (((value >> 32n) & 0xfdffffffn) === 0x5efen) return [v4(value)];
  return [];
}

const v4 = (value: bigint): IpAddress => ({ family: 4, value: value & low32 });

/** As a lookup answers it. */
export const withFamily = (address: string): { address: string; family: number } => ({
  address,
  family: isIP(address),
});

const loopbackName = /(^|\.)localhost\.?$/;

/**
 * The addresses that a host, as `URL.hostname` has it, stands for without asking anybody: it is one, or it
 * is a name of this machine (RFC 6761). Undefined where a name has to be looked up. `URL` has by then
 * written out whatever else systems take for an address: `0x7f.1`, `2130706433`, `127.0.0.1.`.
 */
export function literalAddresses(hostname: string): readonly string[] | undefined {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) return [host];
  return loopbackName.test(host) ? ['127.0.0.1', '::1'] : undefined;
}
