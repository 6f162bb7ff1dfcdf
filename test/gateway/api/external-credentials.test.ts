import { eventually } from '../../support/eventually';
import { untilQuiet } from '../../support/until-quiet';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({
    declare: (url) => ({ probe: { url: `${url}/me`, everySeconds: 60 } }),
    handlers: {
      calling: async (_delivery, context) => {
        await context.fetch(`${scene.provider.url}/me`);
      },
    },
  });
}, 60_000);
afterAll(() => scene.close());
afterEach(() => scene.destination.answer((_request, answer) => answer.writeHead(204).end()));

interface Told extends IntegrationBody {
  version: number;
  error: { code: string };
}

const external = (fields: object = {}) =>
  scene.connect({ fields: { credentials: { main: { external: true } }, ...fields } });

const say = ({ id }: IntegrationBody, what: 'invalidated' | 'reauthorized', body?: object) =>
  scene.system.api<Told>('POST', `/v1/integrations/${id}/credentials/main/${what}`, body);

const actor = ({ id }: IntegrationBody) =>
  scene.system.temporal.workflow.getHandle(`integration:${id}`);

const version = async ({ id }: IntegrationBody) => (await scene.show(id)).credentials[0]?.version;

const handled = (integration: IntegrationBody, count: number) =>
  eventually(async () => expect((await scene.show(integration.id)).inbox.handled).toBe(count));

test('S1 S11 the API moves an integration whose tokens the application keeps', async () => {
  const integration = await external();
  expect(integration).toMatchObject({
    status: 'ENABLED',
    credentials: [{ state: 'alive', version: 1 }],
  });
  await scene.webhook(integration);
  await handled(integration, 1);

  expect(await say(integration, 'invalidated', { code: 'revoked' })).toMatchObject({
    status: 200,
    body: { status: 'ERROR', transition: 1, reason: { code: 'revoked', credential: 'main' } },
  });
  expect((await scene.webhook(integration)).outcome).toBe('parked');
  expect(await say(integration, 'reauthorized', {})).toMatchObject({
    status: 200,
    body: { status: 'ENABLED', transition: 2, credentials: [{ state: 'alive', version: 2 }] },
  });
  await handled(integration, 2);
});

test('S2 S8 what is said too late, or for nothing, changes nothing', async () => {
  const integration = await external();
  await say(integration, 'invalidated');
  await say(integration, 'reauthorized');
  expect((await say(integration, 'invalidated', { version: 1 })).body).toMatchObject({
    ...{ status: 'ENABLED', transition: 2 },
  });
  expect((await say(integration, 'reauthorized')).body).toMatchObject({
    ...{ status: 'ENABLED', transition: 2, credentials: [{ version: 2 }] },
  });
  expect(await say(integration, 'invalidated', { version: 3 })).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_request' } },
  });
  expect(await say(integration, 'invalidated', { code: 'tired' })).toMatchObject({ status: 400 });
});

test('S1 the two signals do the same', async () => {
  const integration = await external();
  await actor(integration).signal('credentialInvalidated');
  await scene.until(integration.id, 'ERROR');
  await actor(integration).signal('reauthorized');
  await scene.until(integration.id, 'ENABLED');
  expect(await version(integration)).toBe(2);
  await actor(integration).signal('credentialInvalidated', {
    ...{ credentialId: integration.credentials[0]?.id ?? '', version: 1, code: 'revoked' },
  });
  await untilQuiet(actor(integration));
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 2 });
});

test('S5 two integrations on one of them go and come back together', async () => {
  const first = await external();
  const id = first.credentials[0]?.id ?? '';
  const second = await scene.connect({ credentials: { main: { id } } });
  await say(first, 'invalidated');
  await scene.until(second.id, 'ERROR');
  await say(second, 'reauthorized');
  await scene.until(first.id, 'ENABLED');
  await scene.until(second.id, 'ENABLED');
  await say(first, 'invalidated');
  await scene.until(second.id, 'ERROR');
  await actor(second).signal('reauthorized');
  await scene.until(first.id, 'ENABLED');
});

test('S27 a destination that answers 424 ends it; after the reauthorization its delivery is handled', async () => {
  const integration = await external();
  scene.destination.answer((_request, answer) => answer.writeHead(424).end());
  await scene.webhook(integration);
  const broken = await scene.until(integration.id, 'ERROR');
  expect(broken).toMatchObject({ reason: { code: 'revoked' }, inbox: { pending: 1, failed: 0 } });
  scene.destination.answer((_request, answer) => answer.writeHead(204).end());
  await say(integration, 'reauthorized');
  await handled(integration, 1);
});

test('there is no token to ask for, neither by the API nor by a handler', async () => {
  const integration = await external({ handler: 'calling' });
  for (const [method, path, body] of [
    ['GET', 'token', undefined],
    ['POST', 'token/reject', { version: 1 }],
  ] as const) {
    const asked = await scene.system.api(
      method,
      `/v1/integrations/${integration.id}/${path}`,
      body,
    );
    expect(asked).toMatchObject({ status: 409, body: { error: { code: 'credential_external' } } });
  }
  await scene.webhook(integration);
  await eventually(async () => expect((await scene.show(integration.id)).inbox.failed).toBe(1));
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', health: 'healthy' });
  expect(scene.provider.apiCalls()).toBe(0);
});

test('tokens that are given for it make it an ordinary one', async () => {
  const integration = await external();
  const path = `/v1/integrations/${integration.id}`;
  const grant = scene.provider.grant();
  expect(await scene.system.api('PUT', `${path}/credentials/main`, grant)).toMatchObject({
    ...{ status: 200, body: { version: 2 } },
  });
  expect(await scene.system.api('GET', `${path}/token`)).toMatchObject({
    ...{ status: 200, body: { accessToken: grant.accessToken, version: 2 } },
  });
});

test.each([{ accessToken: 'a' }, { id: 'crd_1' }, { scope: 's' }])(
  'what is external takes no %o',
  async (more) => {
    const body = {
      ...{ userId: 'u', name: 'n', provider: 'acme', destination: { url: 'http://127.0.0.1:9/' } },
      credentials: { main: { external: true, ...more } },
    };
    expect(await scene.system.api('POST', '/v1/integrations', body)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    });
  },
);
