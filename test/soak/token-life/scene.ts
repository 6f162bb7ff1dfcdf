import type { Config } from '../../../src/config';
import { freePort } from '../../support/processes/free-port';
import { shortPolls, startOwnTemporal } from '../../support/servers/own-temporal';
import type { IntegrationBody } from '../../support/scenes/scene';
import { startSystem, type System } from '../../support/scenes/system';
import { agree, Browser } from '../../gateway/browser';
import type { Trouble } from './presentation';
import { type LifeProvider, startLifeProvider } from './provider';
import { declare, startWorkerSlot, type WorkerSlot } from './workers';

/** One grant, used by two integrations: one with a code handler, one that forwards. */
export interface Person {
  /** The account at the provider, and the user. */
  account: string;
  credentialId: string;
  integrations: [IntegrationBody, IntegrationBody];
}

export interface LifeScene {
  system: System;
  provider: LifeProvider;
  workers: [WorkerSlot, WorkerSlot];
  troubles: Trouble[];
  /** Of every worker that there was. */
  pids: Set<number>;
  /** A new person, connected by the browser. */
  settle(account: string, destinationUrl: string): Promise<Person>;
  /** A fresh grant, by the browser. */
  reconnect(person: Pick<Person, 'account' | 'integrations'>): Promise<void>;
  close(): Promise<void>;
}

/** A gateway, two worker processes, and a provider that rotates and punishes. */
export async function startLifeScene(accessTokenTtl: number): Promise<LifeScene> {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${String(port)}`;
  const provider = await startLifeProvider({
    accessTokenTtl,
    redirectUri: `${publicUrl}/oauth/acme/callback`,
    answerMs: () => 20 + 80 * Math.random(),
  });
  const door = await provider.door(() => process.pid);
  const config: Partial<Config> = { port, publicUrl, sweepSeconds: 5 };
  const temporal = await startOwnTemporal(shortPolls);
  const system = await startSystem({
    temporal,
    configuration: {
      providers: { acme: declare(provider.issuer, door) },
      handlers: { use: () => Promise.resolve() },
    },
    config,
    withoutWorker: true,
  });
  const troubles: Trouble[] = [];
  const pids = new Set<number>();
  const slot = () => startWorkerSlot({ config: system.config, provider, pids, troubles });
  const workers: LifeScene['workers'] = [await slot(), await slot()];
  await Promise.all(workers.map((worker) => worker.ready()));

  const create = async (fields: object) => {
    const { status, body } = await system.api<IntegrationBody>('POST', '/v1/integrations', {
      provider: 'acme',
      ...fields,
    });
    if (status !== 201) throw new Error(`not created: ${JSON.stringify(body)}`);
    return body;
  };

  const connect = async (account: string, integrationId: string) => {
    const { body } = await system.api<{ url: string }>('POST', '/v1/sessions', {
      ...{ userId: account, integrationId },
    });
    const browser = new Browser();
    const page = await browser.press(await browser.open(body.url));
    const landed = await agree(browser, page, account);
    if (landed.status !== 200) throw new Error(`not connected: ${landed.text}`);
  };

  return {
    ...{ system, provider, workers, troubles, pids },
    settle: async (account, destinationUrl) => {
      const handled = await create({ userId: account, name: 'handled', handler: 'use' });
      const credentialId = handled.credentials[0]?.id ?? '';
      await connect(account, handled.id);
      const forwarded = await create({
        ...{ userId: account, name: 'forwarded', credentials: { main: { id: credentialId } } },
        destination: { url: destinationUrl },
      });
      return { account, credentialId, integrations: [handled, forwarded] };
    },
    reconnect: ({ account, integrations }) => connect(account, integrations[0].id),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      await system.close();
      await temporal.close();
      await provider.close();
    },
  };
}
