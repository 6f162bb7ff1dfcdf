import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { passingInterimAnswers } from '../lib/http/interim-answers';
import { AddressNotAllowedError } from './address-not-allowed-error';
import { literalAddresses } from './ip-address';
import { createReachable, type PrivateDestinations, type Reachable } from './is-reachable';

/**
 * Connections to destinations, to such addresses only as the setting allows: others fail with a
 * `AddressNotAllowedError`. Kept alive for a few seconds only: a destination that closes an idle connection in
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
    connect: passingInterimAnswers(guardedConnector(isReachable, connect)),
    // Each exchange has a time limit of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/**
 * Refuses a host that is itself an address, which no lookup sees, before anything is attempted; and looks at
 * where each connection has really ended before a byte goes out, the first of TLS included.
 */
export function guardedConnector(
  isReachable: Reachable,
  connect: buildConnector.connector,
): buildConnector.connector {
  return (target, callback) => {
    const { hostname, protocol } = target;
    const isTls = protocol === 'https:';
    const literal = literalAddresses(hostname);
    if (literal !== undefined && !literal.some(isReachable)) {
      // undici has to be done with asking before it is answered.
      queueMicrotask(() => callback(new AddressNotAllowedError(hostname, true), null));
      return;
    }
    const port = target.port === '' ? (isTls ? '443' : '80') : target.port;
    connect({ ...target, port, protocol: 'http:' }, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
      } else if (!isReachable(socket.remoteAddress ?? '')) {
        socket.destroy();
        callback(new AddressNotAllowedError(hostname, false), null);
      } else if (isTls) {
        connect({ ...target, port, httpSocket: socket }, callback);
      } else {
        callback(null, socket);
      }
    });
  };
}

/**
 * Looks names up, and keeps to itself what may not be connected to: a connection tries the addresses that it
 * is given and no other, so nobody can answer one address to a check and another to the connection.
 */
function guardedLookup(isReachable: Reachable, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found, family) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const [first, ...rest] = listed(found, family).filter(({ address }) => isReachable(address));
      if (first === undefined) callback(new AddressNotAllowedError(hostname, false), []);
      else if (options.all === true) callback(null, [first, ...rest]);
      else callback(null, first.address, first.family);
    });
  };
}

function listed(found: string | LookupAddress[], family = 0): LookupAddress[] {
  return typeof found === 'string' ? [{ address: found, family }] : found;
}
