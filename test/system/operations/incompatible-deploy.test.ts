import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createLog } from '../../../src/lib/log';
import { startWorker, type WorkerProcess } from '../../../src/worker/main';
import { workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { createPace } from '../../support/pace';
import type { IntegrationBody } from '../../support/scenes/scene';
import { type OwnScene, startOwnScene } from '../../support/scenes/own-scene';
import { testWorkflowBundle } from '../../support/servers/workflow-bundle';

const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-deploy-'));
let scene: OwnScene;
beforeAll(async () => {
  scene = await startOwnScene({ withoutWorker: true, config: { sweepSeconds: 2 } });
}, 60_000);
afterAll(async () => {
  await scene.close();
  rmSync(dir, { recursive: true });
}, 60_000);

/** The workflows as they are, with one activity more at the beginning of an integration's, and without `patched`. */
function incompatibleBundle(): string {
  const code = readFileSync(testWorkflowBundle(), 'utf8');
  // Bounded: the bundle ends with megabytes without a space.
  const rows = /([\w.]{1,80}\.rows)\.settle\.executeWithOptions\(/.exec(code)?.[1] ?? 'nothing';
  const begun = /await Promise\.all\(\[\s*keepStatus\(\)/;
  const changed = code.replace(
    begun,
    (text) => `await ${rows}.inspectCredential({ credentialId: 'crd_none' });\n${text}`,
  );
  if (changed === code || rows === 'nothing') throw new Error('the bundle looks otherwise now');
  const file = path.join(dir, 'workflow-bundle.js');
  writeFileSync(file, changed);
  return file;
}

const actors = 8;
const perSecond = 20;
/** More than is asked for, so that what is under way at the end, or was held up before it, doesn't count. */
const pacedPerSecond = 25;

test(`an incompatible version is deployed and rolled back under ${perSecond} webhooks/s: nothing is lost, order is kept, and every actor is back`, async () => {
  const { system, destination } = scene;
  const bundles = { old: testWorkflowBundle(), new: incompatibleBundle() };
  const deploy = (version: keyof typeof bundles): Promise<WorkerProcess> =>
    startWorker(system.config, {
      configuration: system.configuration,
      log: createLog('debug', { write: (line) => void system.logLines.push(line) }),
      workflowBundlePath: bundles[version],
    });
  let worker = await deploy('old');
  const integrations = await Promise.all(Array.from({ length: actors }, () => scene.connect()));
  const switched = await scene.connect();

  const sent = new Map<string, string[]>(integrations.map(({ id }) => [id, []]));
  let isSending = true;
  const startedAt = performance.now();
  const turn = createPace(pacedPerSecond);
  /** One at a time for each integration, as their order is what is answered. */
  async function send(integration: IntegrationBody, lane: number): Promise<void> {
    for (let count = lane; isSending; count += actors) {
      await turn(count);
      const { status, id } = await scene.webhook(integration);
      expect(status).toBe(202);
      sent.get(integration.id)?.push(id);
    }
  }
  const answers: number[] = [];
  async function switchOnAndOff(): Promise<void> {
    for (let count = 0; isSending; count++) {
      const to = count % 2 === 0 ? 'disable' : 'enable';
      const { status } = await system.api('POST', `/v1/integrations/${switched.id}/${to}`, {});
      answers.push(status);
      await pause(200);
    }
  }
  const busy = Promise.all([...integrations.map(send), switchOnAndOff()]);
  /**
   * Both versions run for a moment, as in any rolling deploy.
   * @returns when the one before was gone, in ms
   */
  async function roll(version: keyof typeof bundles): Promise<number> {
    const next = await deploy(version);
    await pause(1_500);
    await worker.close();
    const closedAt = performance.now();
    worker = next;
    await pause(3_000);
    return closedAt;
  }
  try {
    await pause(1_500);
    await roll('new');
    const rolledOutAt = await roll('old');
    const answered = [...sent.values()].flat().length;
    const seconds = (performance.now() - startedAt) / 1000;
    isSending = false;
    await busy;
    expect(answered / seconds).toBeGreaterThanOrEqual(perSecond);
    const handled = (integrationId: string) => [
      ...new Set(
        destination.received
          .filter(({ headers }) => headers['holdfast-integration'] === integrationId)
          .map(({ id }) => id),
      ),
    ];
    await eventually(
      () => {
        for (const [id, ids] of sent) expect(handled(id)).toEqual(ids);
      },
      { timeoutMs: 60_000, everyMs: 100 },
    );
    await eventually(
      async () => {
        expect((await system.pool.query('SELECT FROM stuck_actors')).rows).toEqual([]);
        for (const { id } of [...integrations, switched]) {
          const handle = system.temporal.workflow.getHandle(workflowIds.integration(id));
          const { status, raw } = await handle.describe();
          expect(status.name).toBe('RUNNING');
          expect(raw.pendingWorkflowTask?.attempt ?? 1).toBe(1);
          await handle.query('status');
        }
      },
      { timeoutMs: 60_000, everyMs: 100 },
    );
    expect(performance.now() - rolledOutAt).toBeLessThan(60_000);
    expect(new Set(answers)).toEqual(new Set([200]));
    // Otherwise nothing was incompatible.
    const failed = 'WorkflowType = "integration" AND ExecutionStatus = "Failed"';
    expect((await system.temporal.workflow.count(failed)).count).toBeGreaterThan(actors);
  } finally {
    isSending = false;
    await busy.catch(() => undefined);
    await worker.close();
  }
}, 180_000);
