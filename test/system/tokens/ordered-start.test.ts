import { workflowIds } from '../../../workflows/contract/ids';
import { credentialStatus } from '../../../workflows/contract/messages';
import { eventually } from '../../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { token } from './credential-rows';

const count = 60;
const lateMs = 62_000;

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ withoutWorker: true });
}, 60_000);
afterAll(() => scene.close());

const patient = { timeoutMs: 60_000, everyMs: 100 };
const credentialId = ({ credentials }: IntegrationBody) => credentials[0]?.id ?? '';

/** When its actor means to refresh it; null where it has been refreshed. */
async function plannedAt(integration: IntegrationBody): Promise<number | null> {
  const handle = scene.system.temporal.workflow.getHandle(
    workflowIds.credential(credentialId(integration)),
  );
  const { version, refreshAt } = await handle.query(credentialStatus);
  return version > 1 ? null : Date.parse(refreshAt ?? '');
}

async function refreshedAt(): Promise<Map<string, number>> {
  const { rows } = await scene.system.pool.query<{ id: string; at: Date }>(
    'SELECT id, obtained_at AS at FROM credentials WHERE version > 1',
  );
  return new Map(rows.map(({ id, at }) => [id, at.getTime()]));
}

const busiestSecond = (times: readonly number[]): number =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));

test('S39 after a long outage the late ones are refreshed one by one, and who is asked for at once', async () => {
  const integrations: IntegrationBody[] = [];
  while (integrations.length < count) {
    integrations.push(...(await Promise.all([1, 2, 3, 4, 5].map(() => scene.connect()))));
  }
  await scene.system.pool.query(
    `UPDATE credentials SET refresh_at = now() - $1 * interval '1 millisecond'`,
    [lateMs],
  );
  const startedAt = Date.now();
  await scene.system.startWorker();

  const planned = new Map<IntegrationBody, number>();
  for (const integration of integrations) {
    const at = await eventually(async () => {
      const time = await plannedAt(integration);
      if (time !== null) expect(time).toBeGreaterThan(startedAt);
      return time;
    }, patient);
    if (at !== null) planned.set(integration, at);
  }
  const times = [...planned.values()];
  expect(times.length).toBeGreaterThan(count / 3);
  const latestMs = Date.now() + (Date.now() - startedAt) + lateMs;
  expect(Math.max(...times)).toBeLessThanOrEqual(latestMs);
  expect(Math.max(...times) - startedAt).toBeGreaterThan(lateMs / 2);
  expect(busiestSecond(times)).toBeLessThan(count / 5);

  const latest = [...planned].sort(([, a], [, b]) => b - a).map(([integration]) => integration);
  const [first, second, third, fourth, last] = latest;
  if (fourth === undefined || last === undefined) throw new Error('there are too few');
  const askedAt = Date.now();
  scene.destination.answer((request, answer) =>
    answer.writeHead(request.headers['holdfast-credential-version'] === '1' ? 424 : 204).end(),
  );
  const webhook = scene.webhook(last);
  for (const answer of await Promise.all(
    [first, second, third, fourth].map((one) => token(scene, one ?? fourth)),
  )) {
    expect(answer).toMatchObject({ status: 200, body: { version: 2 } });
  }
  expect(await webhook).toMatchObject({ status: 202 });
  await eventually(async () => {
    expect((await refreshedAt()).has(credentialId(last))).toBe(true);
  }, patient);
  const answeredAt = Date.now();
  expect(answeredAt).toBeLessThan(planned.get(last) ?? 0);

  await eventually(() => expect(Date.now()).toBeGreaterThan(answeredAt + 10_000), patient);
  const refreshed = await refreshedAt();
  const seenAt = Date.now();
  const asked = new Set([first, second, third, fourth, last]);
  for (const [integration, at] of planned) {
    const was = refreshed.get(credentialId(integration));
    if (asked.has(integration)) {
      expect(was).toBeGreaterThanOrEqual(askedAt - 1_000);
    } else if (was !== undefined) {
      expect(was).toBeGreaterThanOrEqual(at);
      expect(was).toBeLessThan(at + 20_000);
    } else {
      expect(at).toBeGreaterThan(seenAt - 20_000);
    }
  }
  expect(refreshed.size).toBeLessThan(count);
  expect(busiestSecond([...refreshed.values()])).toBeLessThan(count / 4);
  expect(scene.provider.reuses()).toBe(0);
}, 180_000);
