import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { actorHelpers, patience } from '../../support/scenes/actors';
import { eventually } from '../../support/eventually';
import type { IntegrationBody } from '../../support/scenes/scene';
import { type OwnScene, startOwnScene } from '../../support/scenes/own-scene';
import { binaryVariable } from '../../support/servers/own-temporal';

const root = path.resolve(__dirname, '../../..');
let scene: OwnScene;
beforeAll(async () => {
  scene = await startOwnScene({ config: { sweepSeconds: 1 } });
}, 60_000);
afterAll(() => scene.close(), 60_000);

const { handleOf, idOf, runOf, untilWell, untilDelivered, start, connected } = actorHelpers(
  () => scene,
);

test.each(['terminate', 'cancel'] as const)(
  'an update that was accepted is asked again where its run is ended by hand: %s',
  async (how) => {
    const integration = await connected();
    const id = idOf(integration);
    const { runId } = await runOf(id);
    const other = await scene.system.pool.connect();
    try {
      await other.query('BEGIN');
      await other.query('SELECT FROM integrations WHERE id = $1 FOR UPDATE', [integration.id]);
      const path = `/v1/integrations/${integration.id}/disable`;
      const disabled = scene.system.api<IntegrationBody>('POST', path, {});
      await eventually(async () => {
        const { events } = await handleOf(id).fetchHistory();
        const accepted = (events ?? []).some(
          (event) => event.workflowExecutionUpdateAcceptedEventAttributes != null,
        );
        expect(accepted).toBe(true);
      }, patience);
      await scene.system.temporal.workflow.getHandle(id, runId)[how]();
      await other.query('ROLLBACK');
      expect(await disabled).toMatchObject({ status: 200, body: { status: 'DISABLED' } });
    } finally {
      other.release(true);
    }
  },
  120_000,
);

test('the commands that the documents give for it end and start an actor', async () => {
  const integration = await connected();
  const document = readFileSync(path.join(root, 'docs/explanation/actors.md'), 'utf8');
  const commands = [...document.matchAll(/```sh\n(.*?)```/gs)]
    .map(([, text = '']) => text)
    .join('');
  const { runId } = await runOf(idOf(integration));
  const binary = process.env[binaryVariable] ?? '';
  const script = commands
    .replaceAll('holdfast temporal', `"${binary}"`)
    .replaceAll('<id>', integration.id);
  const env = { ...process.env, TEMPORAL_ADDRESS: scene.server.address };
  const { stdout } = await promisify(execFile)('sh', ['-e', '-c', script], { env });
  expect(stdout).toContain(integration.id);
  await untilWell(idOf(integration), runId);
  const { status } = await scene.system.temporal.workflow
    .getHandle(idOf(integration), runId)
    .describe();
  expect(status.name).toBe('TERMINATED');
  await untilDelivered(integration);
}, 60_000);

test.each(['integration', 'credential', 'notification', 'replay'])(
  'a %s that is started by hand without what it needs fails at once',
  async (type) => {
    const inputs = [[], [null], [7], [{ id: 5 }], [{ id: 'a\u0000b' }], [{ id: 'x', state: 'x' }]];
    for (const [index, args] of inputs.entries()) {
      const handle = await start(type, `${type}:by-hand-${index}`, args);
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'invalid_request' } });
    }
  },
);
