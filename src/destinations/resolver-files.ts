import { literalAddresses } from './ip-address';

/** How names without all of their labels are looked up: `search` (or `domain`) and `ndots` of resolv.conf(5). */
export interface Search {
  domains: readonly string[];
  ndots: number;
}

/** The names of a hosts file (hosts(5)), in lower case, with their addresses. Pure. */
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>();
  for (const [address = '', ...names] of linesOf(text)) {
    if (literalAddresses(address)?.[0] !== address) continue;
    for (const name of names.map((given) => given.toLowerCase())) {
      hosts.set(name, [...(hosts.get(name) ?? []), address]);
    }
  }
  return hosts;
}

/** The last `search` or `domain` of a resolv.conf(5) counts. Pure. */
export function parseSearch(text: string): Search {
  let domains: string[] = [];
  let ndots = 1;
  for (const [keyword, ...values] of linesOf(text)) {
    if (keyword === 'search') domains = values;
    else if (keyword === 'domain') domains = values.slice(0, 1);
    else if (keyword === 'options') {
      const [, dots] = /(?:^| )ndots:(\d+)/.exec(values.join(' ')) ?? [];
      if (dots !== undefined) ndots = Math.min(Number(dots), 15);
    }
  }
  return { domains: domains.filter((domain) => domain !== '.'), ndots };
}

/**
 * The names that a name may stand for, in the order of resolv.conf(5). The order is a matter of safety: in a cluster
 * `app.dev` is a service of its own before it is anybody's in the Internet. Pure.
 */
export function candidates(host: string, { domains, ndots }: Search): string[] {
  if (host.endsWith('.')) return [host];
  const within = domains.map((domain) => `${host}.${domain}`);
  return host.split('.').length > ndots ? [host, ...within] : [...within, host];
}

function linesOf(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.replace(/[#;].*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
}
