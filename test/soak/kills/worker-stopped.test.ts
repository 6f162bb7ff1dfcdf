import { type ProcessScene, startProcessScene } from '../../support/processes/process-scene';
import { type OwnTemporal, shortPolls, startOwnTemporal } from '../../support/servers/own-temporal';
import { eventually } from '../../support/eventually';
import { attemptsOfHandled } from '../../system/deliveries/handled-deliveries';

let temporal: OwnTemporal;
let scene: ProcessScene;
beforeAll(async () => {
  temporal = await startOwnTemporal(shortPolls);
  scene = await startProcessScene({ temporal, config: { sweepSeconds: 1 } });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await temporal.close();
});

const slow = { timeoutMs: 150_000, everyMs: 200 };

test('S26 a worker stopped in the middle of a POST and continued after its successor took over sends nothing out of order', async () => {
  const integration = await scene.connect();
  const first = scene.destination.received.length;
  const stalled = scene.processes.start('worker', { LOG_LEVEL: 'debug' });
  let stopped = false;
  scene.destination.answer((_request, answer) => {
    if (!stopped && scene.destination.received.length === first + 5) {
      stopped = true;
      stalled.signal('SIGSTOP');
    }
    answer.writeHead(204).end();
  });
  const sent: string[] = [];
  for (let index = 0; index < 20; index++) sent.push((await scene.webhook(integration)).id);
  await eventually(() => expect(stopped).toBe(true), slow);
  const successor = scene.processes.start('worker');
  await eventually(
    async () =>
      expect((await scene.show(integration.id)).inbox).toMatchObject({ handled: 20, pending: 0 }),
    slow,
  );
  stalled.signal('SIGCONT');
  // It is alive again, and has found out that it was overtaken.
  await eventually(() => expect(stalled.output()).toMatch(/drain.overtaken|drain.stopped/), slow);
  const ids = scene.destination.received.slice(first).map(({ id }) => id);
  expect(ids).toEqual([...sent.slice(0, 5), ...sent.slice(4)]);
  expect(await attemptsOfHandled(scene, integration)).toEqual(sent.map(() => 1));
  await Promise.all([stalled.stop(), successor.stop()]);
}, 400_000);
