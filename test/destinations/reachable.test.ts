import { createReachable, type PrivateDestinations } from '../../src/destinations/is-reachable';

/** Whether an address may be reached, whatever its port. */
const reaching = (setting: PrivateDestinations) => (address: string) =>
  createReachable(setting)({ hostname: address, address, port: 443 });

const denying = reaching('deny');
const allowing = reaching('allow');
const everything = reaching(['0.0.0.0/0', '::/0']);

const open = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2A00:1450:4001:81B::200E',
  '2620:4f:8000::1',
  '::ffff:8.8.8.8',
  '::FFFF:808:808',
  '64:ff9b::8.8.8.8',
];

const closed = [
  ['loopback', '127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1'],
  ['this host', '0.0.0.0', '0.1.2.3', '::'],
  ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  ['shared by a provider', '100.64.0.1', '100.127.255.255'],
  ['unique local', 'fc00::1', 'fd12:3456:789a::1'],
  ['site-local', 'fec0::1'],
  ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  ['benchmarks and protocols', '198.18.0.1', '198.19.255.255', '192.0.0.1', '192.88.99.1'],
  ['reserved', '240.0.0.1', '255.255.255.254', '100::1', '4000::1', '5f00::1', 'fe00::1'],
  ['IPv4-mapped', '::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:FFFF:10.0.0.1'],
  ['IPv4-compatible', '::127.0.0.1', '::10.0.0.1', '::8.8.8.8'],
  ['IPv4-translated', '::ffff:0:10.0.0.1', '::ffff:0:8.8.8.8'],
  ['NAT64', '64:ff9b::10.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::8.8.8.8'],
  ['6to4', '2002:a00:1::1', '2002:7f00:1::', '2002:808:808::1'],
  ['Teredo', '2001:0:a00:1::f7f7:f7f7', '2001:0:808:808::f5ff:fffe', '2001:0:808:808::f7f7:f7f7'],
  ['ISATAP', '2606:4700::5efe:10.0.0.1', '2606:4700::200:5efe:7f00:1'],
].flatMap(([kind = '', ...addresses]) => addresses.map((address) => [kind, address] as const));

const never = [
  ['link-local', '169.254.0.1', '169.254.169.254', '169.254.170.2', 'fe80::1', 'fe80::1%eth0'],
  ['link-local', 'febf:ffff::1', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe'],
  ['link-local, carried', '64:ff9b::a9fe:a9fe', '64:ff9b:1::169.254.169.254', '::169.254.169.254'],
  ['link-local, carried', '2002:a9fe:a9fe::1', '::ffff:0:169.254.169.254'],
  ['link-local, carried', '2001:0:808:808::5601:5601', '2001:0:a9fe:a9fe::1'],
  ['link-local, carried', '2606:4700::5efe:169.254.169.254'],
  ['metadata', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'fd00:42::42'],
  ['metadata', '100.100.100.200', '168.63.129.16', '192.0.0.192', '::ffff:100.100.100.200'],
  ['multicast', '224.0.0.1', '239.255.255.255', 'ff02::1'],
  ['broadcast', '255.255.255.255'],
].flatMap(([kind = '', ...addresses]) => addresses.map((address) => [kind, address] as const));

test.each(open)('%s is on the internet', (address) => {
  expect(denying(address)).toBe(true);
});

test.each(closed)('%s: %s is refused, unless it is allowed', (_kind, address) => {
  expect(denying(address)).toBe(false);
  expect(allowing(address)).toBe(true);
  expect(everything(address)).toBe(true);
});

test.each(never)('%s: %s is refused, whatever is allowed', (_kind, address) => {
  expect(denying(address)).toBe(false);
  expect(allowing(address)).toBe(false);
  expect(everything(address)).toBe(false);
});

test.each([
  '',
  'localhost',
  '127.1',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '2130706433',
  '8.8.8.8.',
  '[::1]',
  '8.8.8.8/32',
  ' 8.8.8.8',
])('what is no address is refused: "%s"', (text) => {
  expect(allowing(text)).toBe(false);
});

test('a list opens its blocks and nothing else', () => {
  const isReachable = reaching(['10.1.2.3/8', 'fd00::/8', '169.254.0.0/16']);
  expect(['10.0.0.0', '10.255.255.255', '::ffff:10.0.0.1', 'fd00::1', '8.8.8.8'].map(isReachable)) //
    .toEqual([true, true, true, true, true]);
  expect(['11.0.0.0', '127.0.0.1', '192.168.0.1', 'fc00::1', '::1'].map(isReachable)) //
    .toEqual([true, false, false, false, false]);
  // The tunnel and what it carries both have to be open.
  expect(isReachable('2002:a00:1::1')).toBe(false);
  expect(reaching(['10.0.0.0/8', '2002::/16'])('2002:a00:1::1')).toBe(true);
  expect(reaching(['2002::/16'])('2002:a00:1::1')).toBe(false);
  expect(isReachable('169.254.1.1')).toBe(false);
  expect(isReachable('fd00:ec2::254')).toBe(false);
});
