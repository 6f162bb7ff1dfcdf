import { BlockList, isIP, SocketAddress } from 'node:net';
import fc from 'fast-check';
import {
  isInBlock,
  parseIp,
  parseIpBlock,
  literalAddresses,
} from '../../src/destinations/ip-address';
import { createReachable, type PrivateDestinations } from '../../src/destinations/is-reachable';
import { neverReached } from '../../src/destinations/special-blocks';

const reaching = (setting: PrivateDestinations) => (address: string) =>
  createReachable(setting)({ hostname: address, address, port: 443 });

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();
const cidr4 = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }));
const cidr6 = fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 }));

const contains = (address: string, [net, bits]: readonly [string, number]): boolean => {
  const ip = parseIp(address);
  const block = parseIpBlock(`${net}/${bits}`);
  return ip !== undefined && block !== undefined && isInBlock(ip, block);
};

test('blocks are what Node takes them for', () => {
  const agrees =
    (family: 'ipv4' | 'ipv6') => (address: string, cidr: readonly [string, number]) => {
      const list = new BlockList();
      list.addSubnet(cidr[0], cidr[1], family);
      expect(contains(address, cidr)).toBe(list.check(address, family));
      expect(contains(cidr[0], cidr)).toBe(true);
    };
  fc.assert(fc.property(ipv4, cidr4, agrees('ipv4')));
  fc.assert(fc.property(ipv6, cidr6, agrees('ipv6')));
  // Neighbours, which chance alone does not find.
  const near = fc.tuple(fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  fc.assert(
    fc.property(near, fc.integer({ min: 0, max: 31 }), ([bits, value], flipped) => {
      const text = (of: number) => [24, 16, 8, 0].map((shift) => (of >>> shift) & 255).join('.');
      agrees('ipv4')(text((value ^ (1 << flipped)) >>> 0), [text(value), bits]);
    }),
  );
});

test('every way to write an IPv6 address means the same one', () => {
  fc.assert(
    fc.property(ipv6, (text) => {
      const [given, written, upper] = [
        text,
        new SocketAddress({ address: text, family: 'ipv6' }).address,
        text.toUpperCase(),
      ].map(parseIp);
      expect(given).toBeDefined();
      expect(written).toEqual(given);
      expect(upper).toEqual(given);
      expect(parseIp(`${text}%eth0`)).toEqual(given);
    }),
  );
});

test('an IPv4 address in the clothes of IPv6 is judged as what it is', () => {
  fc.assert(
    fc.property(ipv4, fc.constantFrom('allow' as const, 'deny' as const), (address, setting) => {
      const isReachable = reaching(setting);
      expect(isReachable(`::ffff:${address}`)).toBe(isReachable(address));
      expect(isReachable(`64:ff9b::${address}`)).toBe(isReachable(address));
    }),
    { numRuns: 1000 },
  );
});

test('no list opens what is never reached, and none closes what is public', () => {
  const inBlock = fc.tuple(
    fc.constantFrom(...neverReached),
    fc.bigInt({ min: 0n, max: 2n ** 128n }),
  );
  const lists = fc.array(
    fc.oneof(cidr4, cidr6).map(([net, bits]) => `${net}/${bits}`),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(inBlock, lists, ([block, noise], list) => {
      const width = block.family === 4 ? 32n : 128n;
      const rest = width - BigInt(block.bits);
      const value = ((block.value >> rest) << rest) | (noise & ((1n << rest) - 1n));
      const address = written(value, block.family);
      expect(isIP(address)).toBe(block.family);
      expect(reaching([...list, '0.0.0.0/0', '::/0'])(address)).toBe(false);
      expect(reaching('allow')(address)).toBe(false);
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.oneof(ipv4, ipv6), lists, (address, list) => {
      fc.pre(reaching('deny')(address));
      expect(reaching(list)(address)).toBe(true);
      expect(reaching('allow')(address)).toBe(true);
    }),
  );
});

function written(value: bigint, family: 4 | 6): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const shifts = [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n];
  return shifts.map((shift) => ((value >> shift) & 0xffffn).toString(16)).join(':');
}

test.each([
  ['http://127.0.0.1/', '127.0.0.1'],
  ['http://127.1/', '127.0.0.1'],
  ['http://2130706433/', '127.0.0.1'],
  ['http://0x7f000001/', '127.0.0.1'],
  ['http://0177.0.0.1/', '127.0.0.1'],
  ['http://0x7f.1/', '127.0.0.1'],
  ['http://127.0.0.1./', '127.0.0.1'],
  ['http://１２７.0.0.1/', '127.0.0.1'],
  ['http://127。0。0。1/', '127.0.0.1'],
  ['http://0/', '0.0.0.0'],
  ['http://[::]/', '::'],
  ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
  ['http://[0:0:0:0:0:0:0:1]/', '::1'],
])('%s is a literal address', (url, address) => {
  expect(literalAddresses(new URL(url).hostname)).toEqual([address]);
});

test('names of this machine are literal, other names are not', () => {
  for (const host of ['localhost', 'LOCALHOST.', 'api.localhost']) {
    expect(literalAddresses(new URL(`http://${host}/`).hostname)).toEqual(['127.0.0.1', '::1']);
  }
  for (const host of ['localhost.example', 'notlocalhost', '127.0.0.1.nip.io', 'example.com']) {
    expect(literalAddresses(new URL(`http://${host}/`).hostname)).toBeUndefined();
  }
});
