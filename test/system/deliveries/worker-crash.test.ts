import { type ProcessScene, startProcessScene } from '../../support/processes/process-scene';
import { eventually } from '../../support/eventually';
import { attemptsOfHandled } from './handled-deliveries';

let scene: ProcessScene;
beforeAll(async () => {
  scene = await startProcessScene({ config: { sweepSeconds: 1 } });
}, 60_000);
afterAll(() => scene.close());

/** A killed worker's open polls swallow tasks for up to a minute. */
const slow = { timeoutMs: 150_000, everyMs: 200 };

test('S26 a worker killed in the middle of a drain: nothing lost, nothing marked twice, no order broken', async () => {
  const integration = await scene.connect();
  let worker = scene.processes.start('worker');
  const held: (() => void)[] = [];
  let holding = true;
  scene.destination.answer((_request, answer) => {
    const end = () => answer.writeHead(204).end();
    if (holding && scene.destination.received.length === 5) held.push(end);
    else end();
  });
  const sent: string[] = [];
  for (let index = 0; index < 20; index++) sent.push((await scene.webhook(integration)).id);
  // The fifth is with the destination, and its answer never reaches anybody.
  await eventually(() => expect(held).toHaveLength(1), slow);
  await worker.kill();
  holding = false;
  worker = scene.processes.start('worker');
  await eventually(
    async () =>
      expect((await scene.show(integration.id)).inbox).toMatchObject({ handled: 20, pending: 0 }),
    slow,
  );
  const ids = scene.destination.received.map(({ id }) => id);
  expect(ids).toEqual([...sent.slice(0, 5), ...sent.slice(4)]);
  expect(await attemptsOfHandled(scene, integration)).toEqual(sent.map(() => 1));
  await worker.stop();
}, 200_000);
