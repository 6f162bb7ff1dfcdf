import { Client } from 'pg';
import { portOf } from '../destinations/connection-rules';
import type { OwnServer } from '../destinations/own-servers';

/** Temporal's usual ports: gRPC, HTTP, the UI's. Where it listens besides gRPC nobody has told us. */
const usualTemporalPorts = [7233, 7243, 8233];

/**
 * Where Postgres, Temporal and its UI are, to which nothing but Holdfast itself may connect.
 * @param servers.temporalPorts those on this machine that Temporal is known to listen at; default: its usual ones
 */
export function ownServers({
  databaseUrl,
  temporalAddress,
  temporalUiUrl,
  temporalPorts = usualTemporalPorts,
}: {
  databaseUrl: string | undefined;
  temporalAddress: string | undefined;
  temporalUiUrl?: string | undefined;
  temporalPorts?: readonly number[] | undefined;
}): readonly OwnServer[] {
  return Object.freeze([
    ...(databaseUrl === undefined ? [] : postgres(databaseUrl)),
    ...(temporalAddress === undefined ? [] : temporal(temporalAddress)),
    ...(temporalUiUrl === undefined ? [] : [temporalUi(new URL(temporalUiUrl))]),
    ...temporalPorts.map((port) => ({ host: 'localhost', port })),
  ]);
}

/** By the driver's own reading, which knows `?host=`, sockets, and the variables of libpq. */
function postgres(databaseUrl: string): OwnServer[] {
  const url = new URL(databaseUrl);
  // The others may name files, which it reads.
  for (const name of new Set(url.searchParams.keys())) {
    if (name !== 'host' && name !== 'port') url.searchParams.delete(name);
  }
  const { host, port } = new Client({ connectionString: url.href });
  // Whoever listens at a socket listens on this machine's addresses too, as a rule.
  return host.split(',').map((one) => ({ host: one.startsWith('/') ? 'localhost' : one, port }));
}

function temporal(address: string): OwnServer[] {
  const [, bracketed, plain = '', port] =
    /^(?:\w+:\/\/)?(?:\[([^[\]]+)\]|(.*)):(\d+)\/?$/.exec(address) ?? [];
  return port === undefined ? [] : [{ host: bracketed ?? plain, port: Number(port) }];
}

function temporalUi(url: URL): OwnServer {
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: portOf(url) };
}
