import { workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { type LogLine, linesOf } from '../../support/log-events';
import { type OwnScene, startOwnScene } from '../../support/scenes/own-scene';

let scene: OwnScene;
beforeAll(async () => {
  scene = await startOwnScene();
}, 60_000);
afterAll(() => scene.close());

const slow = { timeoutMs: 30_000, everyMs: 100 };
const library = () => linesOf(scene.system.logLines, 'temporal.sdk');
const told = (msg: string) =>
  library().filter((line) => line['msg'] === msg && line.level === 'warn');
const sees = async (msg: string): Promise<LogLine> =>
  eventually(() => {
    const [line] = told(msg);
    if (line === undefined) throw new Error(`no line yet: ${msg}`);
    return line;
  }, slow);

test('an activity that fails is told with its workflow, its name, its attempt and its cause', async () => {
  const { id } = await scene.connect();
  await scene.system.pool.query('ALTER TABLE transitions RENAME TO transitions_away');
  const asked = scene.system.api('POST', `/v1/integrations/${id}/disable`, {});
  await sees('Activity failed');
  await scene.system.pool.query('ALTER TABLE transitions_away RENAME TO transitions');
  await asked;
  const attempts = told('Activity failed');
  expect(attempts).toMatchObject(
    attempts.map((_line, index) => ({
      workflowId: workflowIds.integration(id),
      activity: 'recordTransition',
      attempt: index + 1,
      cause: 'relation "transitions" does not exist',
    })),
  );
  for (const { error, activityType } of attempts as Record<string, unknown>[])
    expect([error, activityType]).toEqual([undefined, undefined]);
}, 60_000);

test('a workflow task that fails is told with its workflow and its cause', async () => {
  const { id } = await scene.connect();
  const workflowId = workflowIds.integration(id);
  const handle = scene.system.temporal.workflow.getHandle(workflowId);
  await handle.signal('__temporal_x');
  const line = await sees('Failing workflow task');
  expect(line).toMatchObject({
    workflowId,
    runId: expect.any(String) as string,
    cause: "Cannot use signal name: '__temporal_x', with reserved prefix: '__temporal_'",
  });
  expect(JSON.stringify(line)).not.toMatch(/stack_trace|Activator|encoded_attributes/);
  await handle.terminate();
}, 60_000);

test('no line has a task token', () => {
  expect(library().length).toBeGreaterThan(20);
  const names = new Set(library().flatMap((line) => Object.keys(line)));
  expect([...names].filter((name) => /token/i.test(name))).toEqual([]);
});

test('Temporal away is one line, and one more when it is back, however much fails meanwhile', async () => {
  const { system } = scene;
  const integration = await scene.connect();
  await scene.webhook(integration);
  await eventually(() => expect(scene.destination.received).toHaveLength(1), slow);
  const before = system.logLines.length;
  const since = () => linesOf(system.logLines.slice(before), '').filter(isTold);
  const isAbout = (event: string) => () =>
    expect(since().map((line) => line.event)).toContain(event);
  await scene.server.stop();
  await eventually(isAbout('temporal.unreachable'), slow);
  // Not before: the gateway's word on a signal that failed in the seconds until the outage is known is its own.
  await scene.webhook(integration);
  // Calls that wait for an answer for longer than one look at it takes.
  const failed = () => library().filter(({ cause }) => /Unavailable/.test(String(cause)));
  await eventually(() => expect(failed().length).toBeGreaterThan(3), slow);
  await scene.server.start();
  await eventually(isAbout('temporal.recovered'), slow);
  expect(since()).toMatchObject([
    { level: 'error', event: 'temporal.unreachable' },
    { level: 'info', event: 'temporal.recovered', durationMs: expect.any(Number) as number },
  ]);
}, 90_000);

/** What an operator is told by a log at its usual level. */
const isTold = ({ level }: LogLine) => level !== 'debug';
