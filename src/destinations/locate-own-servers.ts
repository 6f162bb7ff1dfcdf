import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { setTimeout as timeout } from 'node:timers/promises';
import { literalAddresses } from './ip-address';
import type { LocatedServer, OwnServer } from './own-servers';

/** Looks all addresses of a name up. @throws NodeJS.ErrnoException */
export function lookupAll(lookup: LookupFunction, host: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, found, family = 0) => {
      if (error !== null) reject(error);
      else resolve(typeof found === 'string' ? [{ address: found, family }] : found);
    });
  });
}

/** After so long a name is looked up again, while connections still go by what is known of it. */
const refreshAfterMs = 1_000;
/** After so long a connection waits for that: a name may lead elsewhere by now. */
const trustedForMs = 5_000;

interface Known {
  addresses: readonly string[];
  /** When they were asked for, by `now`. */
  atMs: number;
}

/**
 * Says where our own servers are, by lookups that are 5 s old at most: one for each connection would make all of them
 * wait for the resolver. Where a lookup fails or doesn't end, what was known last counts; a name that does not exist and
 * never did has no addresses.
 *
 * @param options.now in milliseconds
 * @param options.limitMs how long a connection waits for a lookup
 * @throws NodeJS.ErrnoException where a name can't be looked up, and nothing is known of it: nobody may connect then
 */
export function locateOwnServers(
  servers: readonly OwnServer[],
  lookup: LookupFunction,
  { now = () => performance.now(), limitMs = 5_000 }: { now?: () => number; limitMs?: number } = {},
): () => Promise<LocatedServer[]> {
  const known = new Map<string, Known>();
  const inFlight = new Map<string, Promise<Known>>();

  async function ask(host: string): Promise<Known> {
    const atMs = now();
    let addresses = known.get(host)?.addresses;
    try {
      addresses = (await lookupAll(lookup, host)).map(({ address }) => address);
    } catch (error) {
      if (addresses === undefined && !isUnknownName(error)) throw error;
    }
    const found = { addresses: addresses ?? [], atMs };
    known.set(host, found);
    return found;
  }

  /** One at a time for each name, however long it takes: it can't be called off. */
  function refreshed(host: string): Promise<Known> {
    const asked = inFlight.get(host) ?? ask(host).finally(() => void inFlight.delete(host));
    inFlight.set(host, asked);
    return asked;
  }

  async function addressesOf(host: string): Promise<readonly string[]> {
    const last = known.get(host);
    const ageMs = last === undefined ? Infinity : now() - last.atMs;
    if (last !== undefined && ageMs < trustedForMs) {
      // What it fails with is said to whoever has to wait for it.
      if (ageMs >= refreshAfterMs) refreshed(host).catch(() => undefined);
      return last.addresses;
    }
    const found = await Promise.race([refreshed(host), timeout(limitMs, null, { ref: false })]);
    if (found !== null) return found.addresses;
    if (last === undefined) throw new NoAnswerError(host);
    known.set(host, { ...last, atMs: now() });
    return last.addresses;
  }

  return () =>
    Promise.all(
      servers.map(async (server) => ({
        ...server,
        addresses: literalAddresses(server.host) ?? (await addressesOf(server.host)),
      })),
    );
}

class NoAnswerError extends Error {
  readonly code = 'EAI_AGAIN';

  constructor(host: string) {
    super(`the lookup of ${host} does not end`);
  }
}

/** As the resolver of the system says it of a name that is in no zone, or has no address. */
function isUnknownName(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOTFOUND' || code === 'ENODATA';
}
