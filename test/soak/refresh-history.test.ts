import { createActors } from '../../src/temporal/actors';
import { answerGrant } from '../support/doubles/answer-grant';
import { type IntegrationBody, type Scene, startScene } from '../support/scenes/scene';
import { costOf, credentialActor } from '../system/tokens/credential-history';
import { rowOf } from '../system/tokens/credential-rows';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close());
afterEach(() => scene.provider.behave(undefined));

/** The runs that led to one, the first one first, and itself. */
async function runsTo(integration: IntegrationBody, runId: string): Promise<string[]> {
  const { events } = await credentialActor(scene, integration, runId).fetchHistory();
  const started = events?.[0]?.workflowExecutionStartedEventAttributes;
  const before = started?.continuedExecutionRunId ?? '';
  return before === '' ? [runId] : [...(await runsTo(integration, before)), runId];
}

test('S10 refreshes one after the other continue as new at 250 events, and each is answered', async () => {
  // Each token has ended when it comes, so that each update needs a refresh.
  scene.provider.behave((answer, rotate) => answerGrant(answer, rotate(), 0.001));
  const integration = await scene.connect({ expiresInMs: -1_000 });
  const { id } = await rowOf(scene, integration);
  const first = (await credentialActor(scene, integration).describe()).runId;
  const calls = scene.provider.tokenCalls();
  const processes = Array.from({ length: 3 }, () => createActors(scene.system.temporal));
  const [process] = processes;
  let version = 1;
  const refreshed = async (actors = process): Promise<void> => {
    const answer = await actors?.refresh(id, { rejectedVersion: version });
    expect(answer?.kind).toBe('alive');
    version = Math.max(version, answer?.version ?? 0);
  };
  let { runId, historyLength } = await credentialActor(scene, integration).describe();
  while (historyLength < 200) {
    for (let count = 0; count < 10; count++) await refreshed();
    ({ historyLength } = await credentialActor(scene, integration).describe());
  }
  const alone = await costOf(scene, integration);
  const updates = alone.updates;
  // Around the change of runs three processes ask at once.
  while (runId === first) {
    await Promise.all(processes.map(refreshed));
    ({ runId } = await credentialActor(scene, integration).describe());
  }
  scene.provider.behave(undefined);
  await refreshed();

  const perRefresh = alone.events / updates;
  expect(perRefresh).toBeLessThanOrEqual(16);
  expect(alone.activities.length).toBeLessThanOrEqual(updates + 10);
  const runs = await runsTo(integration, runId);
  expect(runs[0]).toBe(first);
  expect(runs.length).toBeGreaterThanOrEqual(2);
  for (const run of runs)
    expect((await costOf(scene, integration, 0, run)).events).toBeLessThan(1_100);
  expect(scene.provider.tokenCalls() - calls).toBe((await rowOf(scene, integration)).version - 1);
  expect(scene.provider.reuses()).toBe(0);
}, 300_000);
