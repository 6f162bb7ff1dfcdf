import { hopByHopNames, type HeaderList } from '../../webhooks/stored-headers';

/** Of our own request, and whatever Node or undici would refuse beside it. */
const ofTheRequest = ['host', 'authorization', 'cookie', 'content-length'];

/** Standard Webhooks' three: ours take their place. */
const signatureNames = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];

/**
 * What destinations believe because only a proxy of their own could have set it: who somebody is, where a request comes
 * from, and what it asks for. To them the proxy is Holdfast; a sender could claim anything. The list is promised: whatever
 * else a sender writes arrives.
 */
const trusted = [
  'forwarded',
  'x-real-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'x-rewrite-url',
  'x-method-override',
];
const trustedBeginnings = [
  'holdfast-',
  'x-forwarded-',
  'x-original-',
  'x-http-method',
  'x-auth-request-',
  'x-remote-',
  'proxy',
];

/**
 * The sender's headers as they are forwarded: without those that are another's to say, under any name that a destination
 * could read as theirs. Standard Webhooks' own come as `holdfast-original-…`.
 *
 * @param replaced names, in lower case, of others that have values of ours: they come so too
 */
export function originalHeaders(headers: HeaderList, replaced: readonly string[] = []): HeaderList {
  const dropped = new Set([
    ...[...hopByHopNames(headers)].map(readAs),
    ...[...ofTheRequest, ...signatureNames, ...trusted],
  ]);
  const isDropped = (name: string) =>
    dropped.has(name) || trustedBeginnings.some((beginning) => name.startsWith(beginning));
  return headers.flatMap(([name, value]) => {
    const plain = name.toLowerCase();
    if ([...signatureNames, ...replaced].includes(plain))
      return [[`holdfast-original-${plain}`, value] as const];
    return isDropped(readAs(name)) ? [] : [[name, value] as const];
  });
}

/**
 * A header's name as destinations may read it: CGI and its heirs (RFC 3875 section 4.1.18) can't tell `-` from `_`, and
 * some of them no other character either.
 */
const readAs = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-');
