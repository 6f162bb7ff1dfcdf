import { workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { linesOf } from '../../support/log-events';
import { type OwnScene, startOwnScene } from '../../support/scenes/own-scene';
import type { WebhookAnswer } from '../../support/scenes/scene';

let scene: OwnScene;
beforeAll(async () => {
  scene = await startOwnScene({ expiresIn: 15, config: { sweepSeconds: 1 } });
}, 60_000);
afterAll(() => scene.close());

const slow = { timeoutMs: 60_000, everyMs: 200 };

test('S19 while Temporal is down webhooks are answered 202, and handled in order once it is back', async () => {
  const integration = await scene.connect();
  await scene.webhook(integration);
  await eventually(() => expect(scene.destination.received).toHaveLength(1));
  await scene.server.stop();
  const sent: WebhookAnswer[] = [];
  for (let index = 0; index < 20; index++) sent.push(await scene.webhook(integration));
  expect(sent.every(({ status, outcome }) => status === 202 && outcome === 'accepted')).toBe(true);
  // It is asked every other second.
  await eventually(
    async () => {
      const ready = await fetch(`${scene.system.url}/readyz`);
      expect(ready.status).toBe(200);
      expect(await ready.json()).toMatchObject({ temporal: 'unavailable' });
    },
    { timeoutMs: 20_000 },
  );
  const told = () =>
    linesOf(scene.system.logLines, 'temporal.').filter(({ event }) => /able$|ered$/.test(event));
  await eventually(() => expect(told()).toMatchObject([{ event: 'temporal.unreachable' }]), slow);
  await scene.server.start();
  await eventually(
    () =>
      expect(scene.destination.received.slice(1).map(({ id }) => id)).toEqual(
        sent.map(({ id }) => id),
      ),
    slow,
  );
  // Of a gateway and a worker: one line at the beginning, one at the end, and none for each call that failed.
  await eventually(() => expect(told()).toHaveLength(2), slow);
  expect(told()).toMatchObject([
    { level: 'error', event: 'temporal.unreachable' },
    { level: 'info', event: 'temporal.recovered', durationMs: expect.any(Number) as unknown },
  ]);
  // Of the library a word at most on a call that was under way when the server ended.
  const library = linesOf(scene.system.logLines, 'temporal.sdk');
  expect(library.length).toBeGreaterThan(3);
  expect(library.filter(({ level }) => level !== 'debug').length).toBeLessThanOrEqual(2);
}, 90_000);

test('S10 Temporal emptied: every actor comes back by itself with its status, its timers and its outstanding notices', async () => {
  const enabled = await scene.connect();
  const disabled = await scene.connect();
  const broken = await scene.connect();
  const revoked = await scene.connect({ expiresInMs: 15_000 });
  await scene.system.api('POST', `/v1/integrations/${disabled.id}/disable`, {});
  await scene.system.temporal.workflow
    .getHandle(workflowIds.integration(broken.id))
    .signal('credentialInvalidated');
  await scene.until(broken.id, 'ERROR');
  const before = new Map<string, unknown>();
  for (const { id } of [enabled, disabled, broken]) before.set(id, await statusOf(id));

  await scene.server.stop();
  scene.server.empty();
  await scene.server.start();

  await eventually(async () => {
    for (const [id, status] of before) expect(await statusOf(id)).toEqual(status);
  }, slow);
  await eventually(async () => {
    const listed = [];
    const query = 'IntegrationStatus="ERROR" AND ExecutionStatus="Running"';
    for await (const { workflowId } of scene.system.temporal.workflow.list({ query })) {
      listed.push(workflowId);
    }
    expect(listed).toEqual([workflowIds.integration(broken.id)]);
  }, slow);

  // Without any traffic: a token that is about to end is refreshed, and one that was revoked is noticed.
  await eventually(async () => {
    const [credential] = (await scene.show(revoked.id)).credentials;
    expect(credential).toMatchObject({ version: 2, state: 'alive' });
  }, slow);
  scene.provider.revokeAll();
  await eventually(
    async () =>
      expect(await scene.show(revoked.id)).toMatchObject({
        status: 'ERROR',
        reason: { code: 'invalid_grant' },
      }),
    slow,
  );
}, 150_000);

const statusOf = async (id: string) =>
  JSON.parse(
    JSON.stringify(
      await scene.system.temporal.workflow.getHandle(workflowIds.integration(id)).query('status'),
    ),
  ) as unknown;
