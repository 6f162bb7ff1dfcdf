import type { IpAddress } from './ip-address';

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
