import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { createReachable, type PrivateDestinations } from './is-reachable';
import { guardedConnector } from './connector';
import { guardedLookup } from './lookup';

/**
 * Connections to destinations, to such addresses only as the setting allows: others fail with a
 * `RefusedAddressError`. Kept alive for a few seconds only: a destination that closes an idle connection in
 * the moment of a request costs that delivery an attempt.
 */
export function createDestinationAgent(
  privateDestinations: PrivateDestinations,
  lookup: LookupFunction = systemLookup,
): Agent {
  const isReachable = createReachable(privateDestinations);
  const connect = buildConnector({ timeout: 10_000, lookup: guardedLookup(isReachable, lookup) });
  return new Agent({
    keepAliveTimeout: 4000,
    keepAliveMaxTimeout: 4000,
    connect: guardedConnector(isReachable, connect),
    // Each exchange has a time limit of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
