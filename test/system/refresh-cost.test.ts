import { workflowIds } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../support/scene';
import { untilQuiet } from '../support/until-quiet';
import { rowOf, token } from './credential-rows';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close());
afterEach(() => scene.provider.behave(undefined));

const handleOf = ({ credentials }: IntegrationBody, runId?: string) =>
  scene.system.temporal.workflow.getHandle(workflowIds.credential(credentials[0]?.id ?? ''), runId);

interface Cost {
  events: number;
  updates: number;
  activities: string[];
  timers: number;
}

/** What a run's history holds, from an event on. */
async function costOf(integration: IntegrationBody, from = 0, runId?: string): Promise<Cost> {
  const history = await handleOf(integration, runId).fetchHistory();
  const events = (history.events ?? []).slice(from);
  return {
    events: events.length,
    updates: events.filter((one) => one.workflowExecutionUpdateAcceptedEventAttributes).length,
    activities: events.flatMap(
      ({ activityTaskScheduledEventAttributes: one }) => one?.activityType?.name ?? [],
    ),
    timers: events.filter((one) => one.timerStartedEventAttributes).length,
  };
}

test('one refresh that is asked for costs one update and one activity', async () => {
  const integration = await scene.connect();
  await untilQuiet(handleOf(integration));
  await scene.system.pool.query('UPDATE credentials SET expires_at = now(), refresh_at = now()');
  const before = await costOf(integration);
  expect(await token(scene, integration)).toMatchObject({ status: 200, body: { version: 2 } });
  await untilQuiet(handleOf(integration));
  const cost = await costOf(integration, before.events);
  expect(cost).toMatchObject({ updates: 1, activities: ['refreshCredential'] });
  expect(cost.timers).toBeLessThanOrEqual(2);
  expect(cost.events).toBeLessThanOrEqual(14);
}, 60_000);

test('one refresh by the clock costs one timer and one activity', async () => {
  const integration = await scene.connect({ expiresInMs: 8_000 });
  await untilQuiet(handleOf(integration));
  const before = await costOf(integration);
  await eventually(
    async () => expect(await rowOf(scene, integration)).toMatchObject({ version: 2 }),
    { timeoutMs: 30_000 },
  );
  await untilQuiet(handleOf(integration));
  const cost = await costOf(integration, before.events);
  expect(cost).toMatchObject({ updates: 0, timers: 1, activities: ['refreshCredential'] });
  expect(cost.events).toBeLessThanOrEqual(12);
}, 60_000);
