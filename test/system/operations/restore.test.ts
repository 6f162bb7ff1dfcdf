import { workflowIds } from '../../../workflows/contract/ids';
import { integrationStatus } from '../../../workflows/contract/messages';
import { restoreFindings } from '../../../src/doctor/check-postgres';
import { eventually } from '../../support/eventually';
import { linesOf } from '../../support/log-events';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { backUp } from '../../support/servers/backup';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ config: { sweepSeconds: 1 } });
}, 60_000);
afterAll(() => scene.close());

const slow = { timeoutMs: 30_000 };
const versionOf = async ({ id }: IntegrationBody) => (await scene.show(id)).credentials[0]?.version;
const reject = (to: IntegrationBody, version: number) =>
  scene.system.api('POST', `/v1/integrations/${to.id}/token/reject`, { version });
const store = ({ id }: IntegrationBody) =>
  scene.system.api('PUT', `/v1/integrations/${id}/credentials/main`, scene.provider.grant());
const actor = (id: string) => scene.system.temporal.workflow.getHandle(workflowIds.integration(id));
const credentialActor = ({ credentials: [credential] }: IntegrationBody) =>
  scene.system.temporal.workflow.getHandle(workflowIds.credential(credential?.id ?? ''));
const received = (to: IntegrationBody) =>
  scene.destination.received
    .filter(({ headers }) => headers['holdfast-integration'] === to.id)
    .map(({ id }) => id);
const handled = (to: IntegrationBody, count: number) =>
  eventually(
    async () =>
      expect((await scene.show(to.id)).inbox).toMatchObject({ handled: count, pending: 0 }),
    slow,
  );

/** The grant is gone at the provider, and the application says that its token is refused. */
async function kill(one: IntegrationBody): Promise<void> {
  scene.provider.behave((answer) =>
    answer.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}'),
  );
  await reject(one, (await versionOf(one)) ?? 0);
  await scene.until(one.id, 'ERROR');
  scene.provider.behave(undefined);
}

/** What an actor knows is what its row says. */
const agrees = async ({ id }: IntegrationBody) => {
  const { status, transition, credentials } = await actor(id).query(integrationStatus);
  const row = await scene.show(id);
  const versions = (of: { version: number }[]) => of.map(({ version }) => version);
  expect({ id, status, transition, versions: versions(credentials) }).toEqual({
    ...{ id, status: row.status, transition: row.transition },
    versions: versions(row.credentials),
  });
};

describe.each(['stopped', 'running'])('Postgres an hour back, the worker %s', (how) => {
  test('every actor goes on from the row as it is now; what was handled since comes again, what was accepted since is gone', async () => {
    const [idle, rotated, healed, broken] = await Promise.all(
      [1, 2, 3, 4].map(() => scene.connect()),
    );
    if (!idle || !rotated || !healed || !broken) throw new Error('not connected');
    const all = [idle, rotated, healed, broken];
    await kill(healed);
    const parked = await scene.webhook(healed);
    expect(parked.outcome).toBe('parked');
    const before = await scene.webhook(idle);
    await handled(idle, 1);
    const backup = await backUp(scene.system.config.databaseUrl ?? '');

    // Since then: a reconnect, a death, a rotation, webhooks that are handled, an integration.
    await eventually(async () => expect((await store(healed)).status).toBe(200), slow);
    await scene.until(healed.id, 'ENABLED');
    await handled(healed, 1);
    await kill(broken);
    await reject(rotated, 1);
    await eventually(async () => expect(await versionOf(rotated)).toBe(2), slow);
    const lost = await scene.webhook(idle);
    await handled(idle, 2);
    const late = await scene.connect();
    await eventually(() => agrees(late), slow);
    const reuses = scene.provider.reuses();

    if (how === 'stopped') await scene.system.stopWorker();
    await backup.restore();
    if (how === 'stopped') await scene.system.startWorker();
    const startedAt = performance.now();
    await eventually(async () => {
      await Promise.all(all.map(agrees));
    }, slow);
    console.info(
      `every actor agrees with its row after ${Math.round(performance.now() - startedAt)} ms`,
    );

    expect(await Promise.all(all.map(async ({ id }) => (await scene.show(id)).status))).toEqual([
      'ENABLED',
      'ENABLED',
      'ERROR',
      'ENABLED',
    ]);
    expect(await versionOf(rotated)).toBe(1);
    const told = await scene.system.api('GET', `/v1/deliveries/${lost.id}`);
    expect(told.status).toBe(404);
    expect((await scene.system.api('GET', `/v1/integrations/${late.id}`)).status).toBe(404);
    // Nobody sends it a message any more.
    const strays = [actor(late.id), credentialActor(late)];
    await eventually(async () => {
      const ended = await Promise.all(
        strays.map(async (one) => (await one.describe()).status.name),
      );
      expect(ended).toEqual(['COMPLETED', 'COMPLETED']);
    }, slow);

    // The rotated refresh token is dead: one attempt says so, and a reconnect mends it.
    await reject(rotated, 1);
    await scene.until(rotated.id, 'ERROR');
    expect(scene.provider.reuses()).toBe(reuses + 1);
    for (const one of [rotated, healed]) {
      expect((await store(one)).status).toBe(200);
      await scene.until(one.id, 'ENABLED');
    }
    // Once more, with the id that it had.
    await handled(healed, 1);
    expect(received(healed)).toEqual([parked.id, parked.id]);

    const sent = new Map<IntegrationBody, string[]>();
    for (const one of all) {
      const ids: string[] = [];
      for (let count = 0; count < 3; count++) ids.push((await scene.webhook(one)).id);
      sent.set(one, ids);
    }
    for (const [one, ids] of sent) {
      await eventually(() => expect(received(one).slice(-3)).toEqual(ids), slow);
    }
    expect(received(idle)).toEqual([before.id, lost.id, ...(sent.get(idle) ?? [])]);

    const [finding] = await restoreFindings(scene.system.pool);
    expect(finding?.warns).toBe(true);
    expect(finding?.text).toMatch(
      /^Restore: Postgres went back from \S+Z to \S+Z, seen at \S+Z: .* comes again, \d integrations are in ERROR since; see docs\/how-to\/back-up-and-restore\.md$/,
    );
    const lines = linesOf(scene.system.logLines, 'postgres.went_back');
    expect(lines).toHaveLength(how === 'stopped' ? 1 : 2);
    expect(lines.every(({ level }) => level === 'error')).toBe(true);
  }, 120_000);
});
