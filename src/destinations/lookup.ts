import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Reachable } from './is-reachable';
import { RefusedAddressError } from './address-not-allowed-error';

/**
 * Looks names up, and keeps to itself what may not be connected to: a connection tries the addresses that it
 * is given and no other, so nobody can answer one address to a check and another to the connection.
 */
export function guardedLookup(isReachable: Reachable, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found, family) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const [first, ...rest] = listed(found, family).filter(({ address }) => isReachable(address));
      if (first === undefined) callback(new RefusedAddressError(hostname, false), []);
      else if (options.all === true) callback(null, [first, ...rest]);
      else callback(null, first.address, first.family);
    });
  };
}

function listed(found: string | LookupAddress[], family = 0): LookupAddress[] {
  return typeof found === 'string' ? [{ address: found, family }] : found;
}
