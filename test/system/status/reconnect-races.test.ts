import type { ServerResponse } from 'node:http';
import { eventually } from '../../support/eventually';
import { answerJson, type Grant } from '../../support/doubles/oauth-server';
import type { IntegrationBody, Scene } from '../../support/scenes/scene';
import {
  actorsAreQuiet,
  credentialOf,
  reconnect,
  reject,
  startPeopleScene,
  untilCredential,
} from '../people/people';

let scene: Scene;
beforeAll(async () => {
  scene = await startPeopleScene();
}, 60_000);
afterAll(() => scene.close());
afterEach(() => scene.provider.behave(undefined));

interface Held {
  answer: ServerResponse;
  issued: Grant | null;
}

/** The provider has rotated the token, and nobody has heard of it yet. */
async function refreshInFlight(integration: IntegrationBody) {
  const held: Held[] = [];
  scene.provider.behave((answer, rotate) => held.push({ answer, issued: rotate() }));
  const caller = reject(scene, integration);
  const first = await eventually(
    () => {
      if (held[0] === undefined) throw new Error('nobody asked for a refresh');
      return held[0];
    },
    { timeoutMs: 20_000 },
  );
  scene.provider.behave(undefined);
  return { ...first, caller };
}

const accessToken = async ({ id }: IntegrationBody) =>
  (
    await scene.system.api<{ accessToken: string; version: number }>(
      'GET',
      `/v1/integrations/${id}/token`,
    )
  ).body;

test.each<[string, (held: Held) => void]>([
  [
    'brings tokens',
    ({ answer, issued }) =>
      answerJson(answer, 200, {
        access_token: issued?.accessToken,
        refresh_token: issued?.refreshToken,
        token_type: 'Bearer',
        expires_in: 3600,
      }),
  ],
  ['is invalid_grant', ({ answer }) => answerJson(answer, 400, { error: 'invalid_grant' })],
  ['never comes', ({ answer }) => void answer.destroy()],
])(
  'S36 a reconnect wins against a refresh of the old grant whose answer %s',
  async (_what, end) => {
    const integration = await scene.connect();
    const held = await refreshInFlight(integration);
    expect((await reconnect(scene, integration)).status).toBe(200);
    await untilCredential(scene, integration, { version: 2 });
    const connected = await accessToken(integration);

    end(held);
    // Who asked for the refresh is given what the reconnect brought.
    expect(await held.caller).toBe(200);
    await actorsAreQuiet(scene, integration);
    expect(await scene.show(integration.id)).toMatchObject({
      ...{ status: 'ENABLED', health: 'healthy', transition: 0 },
      credentials: [{ version: 2, state: 'alive', code: null }],
    });
    expect(await accessToken(integration)).toMatchObject({
      ...{ version: 2, accessToken: connected.accessToken },
    });

    // The refresh token is the reconnect's too.
    expect(await reject(scene, integration)).toBe(200);
    await untilCredential(scene, integration, { version: 3, state: 'alive' });
    expect(scene.provider.reuses()).toBe(0);
  },
  60_000,
);

test('S3 a late word that the old grant is dead changes nothing', async () => {
  const integration = await scene.connect();
  const { id: credentialId } = credentialOf(integration);
  scene.provider.revokeAll();
  expect(await reject(scene, integration)).toBe(424);
  await scene.until(integration.id, 'ERROR');
  expect((await reconnect(scene, integration)).status).toBe(200);
  await scene.until(integration.id, 'ENABLED');

  const { workflow } = scene.system.temporal;
  await workflow
    .getHandle(`integration:${integration.id}`)
    .signal('credentialInvalidated', { credentialId, version: 1, code: 'invalid_grant' });
  await actorsAreQuiet(scene, integration);
  expect(await scene.show(integration.id)).toMatchObject({
    ...{ status: 'ENABLED', transition: 2 },
    credentials: [{ version: 2, state: 'alive' }],
  });
}, 60_000);
