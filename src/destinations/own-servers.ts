import { addressesWithin, isInBlock, parseIp, type IpAddress } from './ip-address';
import type { Endpoint } from './is-reachable';
import { thisMachine } from './special-blocks';

/** One of Holdfast's own servers: Postgres, Temporal, its UI. Whoever reaches them is every tenant at once. */
export interface OwnServer {
  /** Name or IP address, without brackets. */
  host: string;
  port: number;
}

/** An own server with the IP addresses that its host stands for now; none where that isn't known. */
export interface LocatedServer extends OwnServer {
  addresses: readonly string[];
}

/**
 * Whether an endpoint is one of our own servers: any port of a host that isn't loopback, and its port on this machine of
 * one that is. Pure.
 * @param ofThisMachine the IP addresses of this machine's interfaces, at which a server may listen beside loopback
 */
export function isOwnServer(
  endpoint: Endpoint,
  servers: readonly LocatedServer[],
  ofThisMachine: () => readonly string[],
): boolean {
  const reached = ipsOf(endpoint.address);
  const isHere = (ips: readonly IpAddress[]): boolean =>
    ips.some(isLoopback) || isSome(ips, ofThisMachine().flatMap(ipsOf));
  return servers.some(({ port, addresses }) => {
    const own = addresses.flatMap(ipsOf);
    if (
      isSome(
        reached,
        own.filter((ip) => !isLoopback(ip)),
      )
    )
      return true;
    return port === endpoint.port && isHere(own) && isHere(reached);
  });
}

const ipsOf = (address: string): IpAddress[] => {
  const ip = parseIp(address);
  return ip === undefined ? [] : addressesWithin(ip);
};

const isLoopback = (ip: IpAddress): boolean => thisMachine.some((block) => isInBlock(ip, block));

const isSome = (ips: readonly IpAddress[], others: readonly IpAddress[]): boolean =>
  ips.some((ip) => others.some(({ family, value }) => ip.family === family && ip.value === value));
