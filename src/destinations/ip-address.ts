import { isIPv4, isIPv6 } from 'node:net';

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
