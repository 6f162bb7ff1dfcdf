import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { readFile } from 'node:fs/promises';
import type { LookupFunction } from 'node:net';
import { createTurns } from '../lib/turns';
import { askNameServers, LookupError } from './ask-name-servers';
import { literalAddresses, withFamily } from './ip-address';
import { locateOwnServers, lookupAll } from './locate-own-servers';
import type { LocatedServer, OwnServer } from './own-servers';
import { candidates, parseHosts, parseSearch } from './resolver-files';

/** Who says where names lead. */
export interface Names {
  lookup: LookupFunction;
  /** @returns says where they are now */
  locate(servers: readonly OwnServer[]): () => Promise<LocatedServer[]>;
}

/** @see https://man7.org/linux/man-pages/man5/resolv.conf.5.html */
const systemFiles = { hosts: '/etc/hosts', resolver: '/etc/resolv.conf' };
/** More wait. */
const atOncePerDomain = 8;

/**
 * Looks up what tenants name. Not by the system's resolver (`dns.lookup`): that holds one of the two threads that libuv
 * has for it, for up to half a minute, and can't be called off; two names whose name servers don't answer would stop every
 * connection of this process. What is asked here holds no thread and ends with the time limit. Equal names share one
 * lookup, and one domain has a few at once, so that the name server that we ask keeps room for others. There is no limit
 * for all together: one tenant could fill it, and what hangs is bounded by the drains that wait for it.
 *
 * What people expect of the system's resolver stays: the hosts file, and the search domains of Docker and Kubernetes. What
 * only the system knows (nsswitch.conf(5)) it is asked for where no tenant has the name server: one label, or `.local`.
 *
 * @param limitMs for each lookup, of its waiting too
 * @returns fails with `ENOTFOUND`, or with `EAI_AGAIN` where that may pass
 */
export function createLookup({
  nameServers,
  files = systemFiles,
  limitMs = 5_000,
}: {
  /** Default: those of the system. */
  nameServers?: readonly string[];
  files?: { hosts: string; resolver: string };
  limitMs?: number;
} = {}): LookupFunction {
  const inFlight = new Map<string, Promise<LookupAddress[]>>();
  const ofDomain = createTurns(atOncePerDomain);
  // The other thread stays with the names of our own servers.
  const ofSystem = createTurns(1);

  async function find(host: string, signal: AbortSignal): Promise<LookupAddress[]> {
    const literal = literalAddresses(host);
    if (literal !== undefined) return literal.map(withFamily);
    // Anew each time, as the system's resolver does: they change while a container runs.
    const [hosts, resolver] = await Promise.all([textOf(files.hosts), textOf(files.resolver)]);
    const listed = parseHosts(hosts).get(host.replace(/\.$/, ''));
    if (listed !== undefined) return listed.map(withFamily);
    const found = await ofDomain(domainOf(host), signal, async () => {
      for (const name of candidates(host, parseSearch(resolver))) {
        const answer = await askNameServers(name, nameServers, signal);
        if (answer.length > 0) return answer;
      }
      return [];
    });
    if (found.length > 0) return found;
    if (!isLocal(host)) throw new LookupError('ENOTFOUND', host);
    return ofSystem('', signal, () => lookupAll(systemLookup, host));
  }

  async function limited(host: string): Promise<LookupAddress[]> {
    const limit = new AbortController();
    const late = new Promise<never>((_, reject) => {
      limit.signal.addEventListener('abort', () => reject(new LookupError('EAI_AGAIN', host)));
    });
    const timer = setTimeout(() => limit.abort(), limitMs);
    try {
      return await Promise.race([find(host, limit.signal), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  function shared(host: string): Promise<LookupAddress[]> {
    const asked = inFlight.get(host) ?? limited(host).finally(() => void inFlight.delete(host));
    inFlight.set(host, asked);
    return asked;
  }

  return (hostname, { all, family: wanted }, callback) => {
    shared(hostname.toLowerCase()).then(
      (addresses) => {
        const found = addresses.filter(
          ({ family }) => (wanted !== 4 && wanted !== 6) || family === wanted,
        );
        const [first] = found;
        if (first === undefined) callback(new LookupError('ENOTFOUND', hostname), []);
        else if (all === true) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error as Error, []),
    );
  };
}

/** One for the process: equal names share a lookup, whoever connects. Our own servers are where our drivers find them. */
export const usualNames: Names = {
  lookup: createLookup(),
  locate: (servers) => locateOwnServers(servers, systemLookup),
};

const isLocal = (host: string): boolean => /^[^.]+\.?$|\.local\.?$/.test(host);

/** About what somebody registers: the last two labels; three under `co.uk` and its like. */
export function domainOf(host: string): string {
  const labels = host.replace(/\.$/, '').split('.');
  const isLong = /^[a-z]{1,3}\.[a-z]{2}$/.test(labels.slice(-2).join('.'));
  return labels.slice(isLong ? -3 : -2).join('.');
}

const textOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
