import type { LookupAddress } from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { buildConnector } from 'undici';
import type { GuardedConnector } from '../lib/http/guarded';
import { AddressNotAllowedError } from './address-not-allowed-error';
import { createObjections, portOf, type ConnectionRules, type Objection } from './connection-rules';
import { literalAddresses } from './ip-address';
import type { Names } from './look-up-names';

/** Makes connections; where a lookup is given, by it. */
export type Connecting = (lookup?: LookupFunction) => buildConnector.connector;

const connectTimeoutMs = 10_000;
const usual: Connecting = (lookup) =>
  buildConnector({ timeout: connectTimeoutMs, ...(lookup === undefined ? {} : { lookup }) });

/**
 * Connects where the rules allow it; elsewhere it fails with an `AddressNotAllowedError`. Refuses a host that is itself
 * such an address, which no lookup sees, before anything is attempted; keeps what a lookup found and isn't allowed to
 * itself, so that nobody can answer one address to a check and another to the connection; and looks at where each
 * connection has really ended before a byte goes out, the first of TLS included.
 */
export function guardedConnector(
  rules: ConnectionRules,
  names: Names,
  connecting: Connecting = usual,
): GuardedConnector {
  const objections = createObjections(rules, ofThisMachine);
  const locate = names.locate(rules.ownServers);
  const overTls = connecting();

  async function open(target: buildConnector.Options): Promise<Socket> {
    const { hostname } = target;
    const port = portOf(target);
    const objection = objections.toHost(hostname, port);
    if (objection !== undefined) throw new AddressNotAllowedError(hostname, objection, true);
    const located = await locate();
    const objectionTo = (address: string) => objections.to({ hostname, address, port }, located);
    // An address is not looked up, so that nothing filters it, and our own servers may be there now.
    const literal = literalAddresses(hostname)?.map(objectionTo) ?? [undefined];
    if (literal[0] !== undefined && !literal.includes(undefined)) {
      throw new AddressNotAllowedError(hostname, literal[0], false);
    }
    const options = { ...target, port: String(port) };
    const plain = connecting(guardedLookup(names.lookup, objectionTo));
    const socket = await connected(plain, { ...options, protocol: 'http:' });
    const { remoteAddress } = socket;
    // It has been closed again already.
    if (remoteAddress === undefined) throw new ConnectionLostError();
    const reached = objectionTo(remoteAddress);
    if (reached !== undefined) {
      socket.destroy();
      throw new AddressNotAllowedError(hostname, reached, false);
    }
    if (target.protocol !== 'https:') return socket;
    return connected(overTls, { ...options, httpSocket: socket });
  }

  const connect: buildConnector.connector = (target, callback) => {
    open(target).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error as Error, null),
    );
  };
  return connect as GuardedConnector;
}

/** The IP addresses of its interfaces, now. */
export function ofThisMachine(): string[] {
  return Object.values(networkInterfaces()).flatMap((own = []) =>
    own.map(({ address }) => address),
  );
}

class ConnectionLostError extends Error {
  readonly code = 'ECONNRESET';
}

function connected(
  connect: buildConnector.connector,
  options: buildConnector.Options,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connect(options, (...[error, socket]) => {
      if (error === null) resolve(socket);
      else reject(error);
    });
  });
}

/** A connection tries the addresses that it is given and no other. */
function guardedLookup(
  lookup: LookupFunction,
  objectionTo: (address: string) => Objection | undefined,
): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found, family) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const all = listed(found, family);
      const [first, ...rest] = all.filter(({ address }) => objectionTo(address) === undefined);
      if (first === undefined) {
        const objection = objectionTo(all[0]?.address ?? '') ?? 'not_public';
        callback(new AddressNotAllowedError(hostname, objection, false), []);
      } else if (options.all === true) callback(null, [first, ...rest]);
      else callback(null, first.address, first.family);
    });
  };
}

function listed(found: string | LookupAddress[], family = 0): LookupAddress[] {
  return typeof found === 'string' ? [{ address: found, family }] : found;
}
