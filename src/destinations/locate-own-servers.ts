import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
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

/**
 * Says where our own servers are, anew at each call: a name may lead elsewhere by now. Calls at the same time share one
 * lookup. Where a lookup fails, what was known last counts; a name that does not exist and never did has no addresses.
 * @throws NodeJS.ErrnoException where a name can't be looked up, and nothing is known of it: nobody may connect then
 */
export function locateOwnServers(
  servers: readonly OwnServer[],
  lookup: LookupFunction,
): () => Promise<LocatedServer[]> {
  const known = new Map<string, readonly string[]>();
  const inFlight = new Map<string, Promise<readonly string[]>>();

  async function ask(host: string): Promise<readonly string[]> {
    try {
      const found = await lookupAll(lookup, host);
      known.set(
        host,
        found.map(({ address }) => address),
      );
    } catch (error) {
      if (!known.has(host) && !isUnknownName(error)) throw error;
    }
    return known.get(host) ?? [];
  }

  function addressesOf(host: string): Promise<readonly string[]> {
    const asked = inFlight.get(host) ?? ask(host).finally(() => void inFlight.delete(host));
    inFlight.set(host, asked);
    return asked;
  }

  return () =>
    Promise.all(
      servers.map(async (server) => ({
        ...server,
        addresses: literalAddresses(server.host) ?? (await addressesOf(server.host)),
      })),
    );
}

/** As the resolver of the system says it of a name that is in no zone, or has no address. */
function isUnknownName(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOTFOUND' || code === 'ENODATA';
}
