import { parseIpBlock, type IpBlock } from './ip-address';

/**
 * Never a destination, whatever is allowed: link-local addresses (RFC 3927, RFC 4291), where every cloud has
 * its metadata; the metadata addresses that lie elsewhere; and what no connection can be made to.
 */
export const neverReached = blocks([
  '169.254.0.0/16',
  'fe80::/10',
  '168.63.129.16/32', // Azure
  '100.100.100.200/32', // Alibaba Cloud
  '192.0.0.192/32', // Oracle Cloud
  'fd00:ec2::/32', // Amazon EC2 and EKS
  'fd20:ce::/32', // Google Cloud
  'fd00:42::42/128', // Scaleway
  '224.0.0.0/4', // multicast
  '255.255.255.255/32', // broadcast
  'ff00::/8', // multicast
]);

/** Loopback, and the unspecified addresses, for which systems take it. */
export const thisMachine = blocks(['127.0.0.0/8', '::1/128', '0.0.0.0/8', '::/128']);

/** Not on the internet: IANA's special-purpose registries (RFC 6890), loopback and private networks first. */
export const notPublic = blocks([
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10', // shared by customers of a provider, RFC 6598
  '0.0.0.0/8', // "this host": the system connects to loopback
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation, RFC 5737
  '198.51.100.0/24',
  '203.0.113.0/24',
  '192.88.99.0/24', // 6to4 relays, RFC 7526
  '198.18.0.0/15', // benchmarks, RFC 2544
  '240.0.0.0/4', // reserved
  '2001::/23', // protocol assignments, Teredo among them
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '3fff::/20', // documentation, RFC 9637
]);

/** All that IANA has given out as global unicast: what lies outside is loopback, private or reserved. */
export const [globalUnicast6] = blocks(['2000::/3']);

function blocks(texts: [string, ...string[]]): [IpBlock, ...IpBlock[]] {
  const [first, ...rest] = texts;
  return [block(first), ...rest.map(block)];
}

function block(text: string): IpBlock {
  const parsed = parseIpBlock(text);
  if (parsed === undefined) throw new Error(`${text} is no block of addresses`);
  return parsed;
}
