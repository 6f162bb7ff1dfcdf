import type { AddressInfo } from 'node:net';
import type { Logger } from '../../lib/log';
import type { ProviderDeclaration } from '../../providers/provider';
import { createPlaygroundApp } from './app';
import { createApplication } from './application';
import { createConnections } from './connections';
import { createControl, type PlaygroundControl } from './control';
import { newCounts } from './counts';
import { createGrants } from './grants';
import { createHoldfastApi } from './holdfast-api';
import { providerDeclaration } from './provider-declaration';
import { createSender } from './sender';
import { openStateFile } from './state';

export interface PlaygroundOptions {
  /** A loopback address. */
  host: string;
  /** The same at every start, because the addresses that Holdfast stores have it; 0: any. */
  port: number;
  /** Holdfast's public address, without a slash at its end. It needn't answer yet. */
  holdfastUrl: string;
  apiKey: string;
  /** Where grants and connections are kept: `playground.json`. */
  dataDir: string;
  /**
   * Default 150: the credential's own timer refreshes it after about two minutes, and Holdfast does
   * so earlier where a token with less than a minute left is asked for.
   */
  accessTokenSeconds?: number;
  log: Logger;
}

export interface Playground {
  url: string;
  /** What Holdfast's configuration needs as the provider `playground`. */
  provider: ProviderDeclaration;
  control: PlaygroundControl;
  close: () => Promise<void>;
}

/**
 * A provider with OAuth and webhooks, and an application that takes them, to try Holdfast with.
 * @throws Error where the port is taken or `playground.json` can't be used
 */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const { host, port, holdfastUrl, apiKey, dataDir, accessTokenSeconds = 150, log } = options;
  const file = openStateFile(dataDir);
  const holdfast = createHoldfastApi(holdfastUrl, apiKey);
  const ownUrl = () => file.state.url;
  const connections = createConnections(file, holdfast, ownUrl);
  const parts = {
    connections,
    counts: newCounts(),
    grants: createGrants(file, accessTokenSeconds),
    sender: createSender(file),
    application: createApplication({
      holdfast,
      apiUrl: ownUrl,
      connection: (id) => connections.find(id),
    }),
  };
  const control = createControl(parts);
  const { client } = file.state;
  const app = createPlaygroundApp({ host, holdfastUrl, apiKey, client, parts, control, log });
  await app.listen({ host, port });
  const address = app.server.address() as AddressInfo;
  file.state.url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  file.save();
  const { url } = file.state;
  log.info({ event: 'playground.listening', url }, 'The playground listens');
  return { url, provider: providerDeclaration(url, client), control, close: () => app.close() };
}
