import { eventually } from '../../support/eventually';
import type { ConnectOptions, IntegrationBody, Scene } from '../../support/scene';
import { reject, startPeopleScene } from '../../system/people';

/** People whose connections are in every state there is. */
export interface Gallery {
  scene: Scene;
  /** One that isn't connected yet, of `people.connecting`. */
  unconnected: IntegrationBody;
  close(): Promise<void>;
}

export const people = {
  none: 'user-none',
  well: 'user-well',
  mixed: 'user-mixed',
  paused: 'user-paused',
  long: 'user-long',
  connecting: 'user-connecting',
};

export async function startGallery(): Promise<Gallery> {
  const scene = await startPeopleScene({
    declare: () => ({ label: 'Acme' }),
    alike: { northwind: 'Northwind Mail', globex: 'Globex Calendar', initech: 'Initech Files' },
    config: { appName: 'Example', allowedOrigins: ['http://app.test'] },
  });
  const connect = (userId: string, name: string, options: ConnectOptions = {}) =>
    scene.connect({ userId, name, ...options });
  const at = (provider: string) => ({ fields: { provider } });

  const broken = [
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

  await connect(people.well, 'contacts');
  await connect(people.well, 'mailbox', at('northwind'));
  await connect(people.paused, 'contacts');
  await scene.system.api('PUT', `/api/users/${people.paused}/pause`, {
    ...{ paused: true, reason: 'We are moving house until Monday' },
  });
  const unconnected = await connect(people.connecting, 'contacts', { credentials: {} });
  return { scene, unconnected, close: () => scene.close() };
}
