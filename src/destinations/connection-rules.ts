import { normalHost } from './destination-rule';
import { literalAddresses } from './ip-address';
import { createReachable, type Endpoint, type PrivateDestinations } from './is-reachable';
import { isOwnServer, type LocatedServer, type OwnServer } from './own-servers';

/** What decides where we connect to. */
export interface ConnectionRules {
  privateDestinations: PrivateDestinations;
  /** Never connected to, whatever is allowed. */
  ownServers: readonly OwnServer[];
}

/** Why an address is not connected to. */
export type Objection =
  /** It is private, link-local or metadata, and not allowed. */
  'not_public' | 'own_server';

export interface Objections {
  /** To a host, as `URL.hostname` has it, and a port, as far as these alone show it: what a name leads to they don't. */
  toHost(hostname: string, port: number): Objection | undefined;
  /** @param located the own servers with what their hosts stand for now */
  to(endpoint: Endpoint, located: readonly LocatedServer[]): Objection | undefined;
}

/** @param ofThisMachine the IP addresses of this machine's interfaces */
export function createObjections(
  { privateDestinations, ownServers }: ConnectionRules,
  ofThisMachine: () => readonly string[],
): Objections {
  const isReachable = createReachable(privateDestinations);
  const literal = ownServers.map((server) => ({
    ...server,
    addresses: literalAddresses(server.host) ?? [],
  }));
  const names = new Set(ownServers.map(({ host }) => normalHost(host)));

  const to: Objections['to'] = (endpoint, located) => {
    if (!isReachable(endpoint)) return 'not_public';
    return isOwnServer(endpoint, located, ofThisMachine) ? 'own_server' : undefined;
  };

  return {
    to,
    toHost(hostname, port) {
      const addresses = literalAddresses(hostname);
      if (addresses === undefined)
        return names.has(normalHost(hostname)) ? 'own_server' : undefined;
      const objections = addresses.map((address) => to({ hostname, address, port }, literal));
      return objections.includes(undefined) ? undefined : objections[0];
    },
  };
}

/** The port that an address is connected to at. */
export function portOf({ protocol, port }: Pick<URL, 'protocol' | 'port'>): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}
