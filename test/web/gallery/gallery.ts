import type { Page } from 'playwright-core';
import { eventually } from '../../support/eventually';
import { type ExampleShop, startExampleShop } from '../../support/browser/example-shop';
import { freePort } from '../../support/processes/free-port';
import type { ConnectOptions, IntegrationBody, Scene } from '../../support/scenes/scene';
import { reject, startPeopleScene } from '../../system/people/people';

/** People whose connections are in every state there is. */
export interface Gallery {
  scene: Scene;
  /** One that isn't connected yet, of `people.connecting`. */
  unconnected: IntegrationBody;
  /** The application's own page with the banner in it, where that person is signed in. */
  openShop(page: Page, userId: string): Promise<unknown>;
  close(): Promise<void>;
}

export const people = {
  none: 'user-none',
  one: 'user-one',
  well: 'user-well',
  mixed: 'user-mixed',
  paused: 'user-paused',
  long: 'user-long',
  connecting: 'user-connecting',
};

const shops = 5;

export async function startGallery(): Promise<Gallery> {
  const ports = await Promise.all(Array.from({ length: shops }, freePort));
  const shopOrigin = (port: number) => `http://shop.test:${port}`;
  const scene = await startPeopleScene({
    declare: () => ({ label: 'Acme' }),
    alike: { northwind: 'Northwind Mail', globex: 'Globex Calendar', initech: 'Initech Files' },
    config: { appName: 'Example', allowedOrigins: ports.map(shopOrigin) },
  });
  const connect = (userId: string, name: string, options: ConnectOptions = {}) =>
    scene.connect({ userId, name, ...options });
  const at = (provider: string) => ({ fields: { provider } });

  const broken = [
    await connect(people.one, 'contacts'),
    await connect(people.mixed, 'contacts'),
    await connect(people.paused, 'mailbox', at('northwind')),
    await connect(people.long, `a-name-without-any-place-to-break-it-${'x'.repeat(90)}`),
  ];
  scene.provider.revokeAll();
  for (const integration of broken) await reject(scene, integration);
  for (const { id } of broken) await scene.until(id, 'ERROR');
  for (const integration of broken) {
    for (let sent = 0; sent < 3; sent += 1) await scene.webhook(integration);
  }

  const trouble = await connect(people.mixed, 'team-calendar', at('globex'));
  scene.provider.behave((answer) => answer.writeHead(503).end());
  await reject(scene, trouble);
  await eventually(async () =>
    expect(await scene.show(trouble.id)).toMatchObject({ health: 'degraded' }),
  );

  await connect(people.mixed, 'mailbox', at('northwind'));
  const off = await connect(people.mixed, 'archive', at('initech'));
  await scene.system.api('POST', `/v1/integrations/${off.id}/disable`, {});
  await connect(people.mixed, 'shared-files', { ...at('initech'), credentials: {} });

  await connect(people.one, 'mailbox', at('northwind'));
  await connect(people.one, 'team-calendar', at('globex'));
  await connect(people.well, 'contacts');
  await connect(people.well, 'mailbox', at('northwind'));
  await connect(people.paused, 'contacts');
  await scene.system.api('PUT', `/api/users/${people.paused}/pause`, {
    ...{ paused: true, reason: 'We are moving house until Monday' },
  });
  scene.provider.signedInAs('ada@acme.example');
  const unconnected = await connect(people.connecting, 'contacts', { credentials: {} });
  await letAge(scene);

  const open: ExampleShop[] = [];
  const openShop: Gallery['openShop'] = async (page, userId) => {
    const port = ports.shift();
    if (port === undefined) throw new Error('more shops than were allowed');
    const { url, config } = scene.system;
    const [apiKey = ''] = config.apiKeys;
    open.push(await startExampleShop({ port, gatewayUrl: url, publicUrl: url, apiKey, userId }));
    await page.goto(shopOrigin(port));
  };
  return {
    ...{ scene, unconnected, openShop },
    close: async () => {
      await Promise.all(open.map((shop) => shop.close()));
      await scene.close();
    },
  };
}

/** Everything looks as if it had been there for a while, with accounts that have names. */
async function letAge({ system }: Scene): Promise<void> {
  await system.pool.query(
    `UPDATE credentials SET account_label = 'ada@' || provider || '.example',
       last_success_at = now() -
         CASE state WHEN 'dead' THEN interval '50 minutes' ELSE interval '4 minutes' END
     WHERE state <> 'missing'`,
  );
  await system.pool.query(
    `UPDATE credentials SET scopes = '{See your mail,https://mail.example/auth/labels.readonly}',
       refresh_expires_at = now() + interval '5 days', refresh_end_is_fixed = true
     WHERE user_id = $1 AND provider = 'northwind'`,
    [people.mixed],
  );
  await system.pool.query(
    `UPDATE integrations SET status_since = now() -
       CASE status WHEN 'ENABLED' THEN interval '23 days' ELSE interval '40 minutes' END`,
  );
}
