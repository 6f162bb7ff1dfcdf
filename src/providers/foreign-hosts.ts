import type { ProviderDeclaration } from './provider';
import { fillAddress, placeholdersOf } from './url-templates';

/** An address that a connection's parameters may lead to a host of anybody's. */
export interface ForeignHost {
  address: string;
  /** The parameters in its host. */
  parameters: readonly string[];
  /** A host that their patterns let in. */
  example: string;
}

/**
 * The addresses whose host is free to choose: whoever connects would name a server of their own, which then gets the
 * client's secret and tokens. Patterns are tried with names that anybody could register; one that fixes its end
 * (`/[a-z-]+\.myshopify\.com/`) takes none of them. Pure.
 */
export function foreignHosts(declaration: ProviderDeclaration): ForeignHost[] {
  const { parameters: patterns = {} } = declaration.oauth ?? {};
  const { authorizationUrl } = declaration.oauth ?? {};
  const shown = authorizationUrl === undefined ? [] : [authorizationUrl];
  return [...new Set([...shown, ...addressesOf(declaration)])].flatMap((address) => {
    const host = /^https?:\/\/([^/?#:]*)/.exec(address)?.[1] ?? '';
    const parameters = [...new Set(placeholdersOf(host))];
    if (parameters.length === 0) return [];
    const example = filled(host, [...parameters].reverse(), patterns).find(isAnybodys);
    return example === undefined ? [] : [{ address, parameters, example }];
  });
}

/**
 * An address that names accounts, or says that a token is one's, at a host that is free to choose: its owner may name any
 * account, and so proves none. Where the host is the account itself, only its owner can say so. Pure.
 */
export function foreignAccountAddress(
  declaration: Pick<ProviderDeclaration, 'oauth' | 'probe'>,
): ForeignHost | undefined {
  const { account, issuer, tokenUrl = issuer } = declaration.oauth ?? {};
  if (account === undefined) return undefined;
  const own = 'parameter' in account ? account.parameter : undefined;
  const naming =
    'url' in account
      ? [account.url]
      : own === undefined
        ? [tokenUrl, issuer]
        : [tokenUrl, declaration.probe?.url].filter((url = '') =>
            placeholdersOf(url).includes(own),
          );
  return foreignHosts(declaration).find(
    ({ address, parameters }) =>
      naming.includes(address) && parameters.some((name) => name !== own),
  );
}

/** Every address that requests are made to: all but the one that only browsers see. */
export function addressesOf({ oauth, probe, webhook }: ProviderDeclaration): string[] {
  const account = oauth?.account;
  const addresses = [
    ...[oauth?.issuer, oauth?.tokenUrl, oauth?.revocationUrl],
    account !== undefined && 'url' in account ? account.url : undefined,
    ...[probe?.url, ...(oauth?.apiOrigins ?? [])],
    webhook?.scheme === 'google-pubsub' ? webhook.keysUrl : undefined,
  ];
  return addresses.filter((address) => address !== undefined);
}

/** The host with each choice of what the patterns take; a few for all names but the first, so that it ends soon. */
function filled(
  host: string,
  [name, ...others]: readonly string[],
  patterns: Readonly<Record<string, RegExp>>,
  most = Infinity,
): string[] {
  if (name === undefined) return [host];
  return candidates(patterns[name])
    .slice(0, most)
    .flatMap((value) => filled(host.replaceAll(`{${name}}`, value), others, patterns, 4));
}

const labels = ['evil', 'evilevil', 'evil-1', 'zz', 'zzz'];
const ends = ['com', 'net', 'org', 'io', 'dev', 'app', 'de', 'eu', 'cloud', 'example', 'co.uk'];
const names = labels.flatMap((label) => ends.map((end) => `${label}.${end}`));
const anybodys = [...names, 'sub.evil.example', 'evil.example.com', 'a.b', '192.0.2.1', 'EVIL.COM'];

function candidates(pattern: RegExp | undefined): string[] {
  if (pattern === undefined) return [];
  const [, written = ''] = /^\^?((?:[\w-]|\\\.)*)/.exec(pattern.source) ?? [];
  const begun = written.replaceAll('\\', '');
  // A pattern that begins with a word of its own may still leave the end of the host open.
  const further = anybodys.flatMap((name) => [`${begun}${name}`, `${begun}.${name}`]);
  return [...labels, ...anybodys, ...ends, ...further].filter((value) => takes(pattern, value));
}

function takes(pattern: RegExp, value: string): boolean {
  try {
    return fillAddress('{value}', { value: pattern }, { value }) === value;
  } catch {
    return false;
  }
}

/** Whether the part of a host that is registered is one of those names, or it is an IP address. */
function isAnybodys(host: string): boolean {
  const end = host.toLowerCase().split('.');
  const isLong = /^(?:co|com|net|org)\.[a-z]{2}$/.test(end.slice(-2).join('.'));
  const registered = end.slice(isLong ? -3 : -2).join('.');
  return /evil|zz|^a\.b$/.test(registered) || /^\d+(?:\.\d+){3}$/.test(host);
}
