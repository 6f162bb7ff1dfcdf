import type { ServerResponse } from 'node:http';
import { eventually } from '../../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { patiently, receivedOf, untilState } from './handled-deliveries';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close(), 60_000);

test('sixty integrations whose destination hangs until the time limit keep nobody else waiting', async () => {
  const count = 60;
  const slow: IntegrationBody[] = [];
  while (slow.length < count) {
    slow.push(...(await Promise.all(Array.from({ length: 12 }, () => scene.connect()))));
  }
  const quick = await scene.connect();
  const hanging: ServerResponse[] = [];
  scene.destination.answer((request, answer) => {
    if (request.headers['holdfast-integration'] === quick.id) answer.writeHead(204).end();
    else hanging.push(answer);
  });
  await scene.webhook(quick).then(({ id }) => untilState(scene, id, 'handled'));

  await Promise.all(slow.map((one) => scene.webhook(one)));
  const open = () => hanging.filter((answer) => !answer.closed).length;
  // Nearly all at once; a busy machine may start the last when the first have run into their time limit.
  await eventually(() => expect(open()).toBeGreaterThan(50), patiently);
  const sentAt = Date.now();
  const { id } = await scene.webhook(quick);
  await untilState(scene, id, 'handled');
  const tookMs = (receivedOf(scene, quick).at(-1)?.at ?? Infinity) - sentAt;
  expect(tookMs).toBeLessThan(4_000);
}, 180_000);
