import { createProcesses, type ProcessStarter } from '../support/processes';
import { eventually } from '../support/eventually';
import { type Scene, startScene } from '../support/scene';
import { attemptsOfHandled } from './handled-deliveries';

let scene: Scene;
let processes: ProcessStarter;
beforeAll(async () => {
  scene = await startScene({ withoutWorker: true, config: { sweepSeconds: 1 } });
  processes = createProcesses(scene.system.config, { acme: scene.provider.declaration });
}, 60_000);
afterAll(async () => {
  await processes.close();
  await scene.close();
});

/** A stopped worker's open polls swallow tasks for up to a minute. */
const slow = { timeoutMs: 150_000, everyMs: 200 };

test('S26 a worker killed in the middle of a drain: nothing lost, nothing marked twice, no order broken', async () => {
  const integration = await scene.connect();
  let worker = processes.start('worker');
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
  worker = processes.start('worker');
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
