import type { ServerResponse } from 'node:http';
import type { Received } from '../support/doubles/destination';
import { eventually } from '../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close(), 60_000);

const version = ({ headers }: Received) => Number(headers['holdfast-credential-version']);
const of = ({ id }: IntegrationBody) =>
  scene.destination.received.filter(({ headers }) => headers['holdfast-integration'] === id);

test('S31 more drains than slots, each on a token that the provider refuses: all of them finish', async () => {
  const count = 120;
  scene.destination.answer(
    (request, answer: ServerResponse) =>
      void answer.writeHead(version(request) === 1 ? 424 : 204).end(),
  );
  const integrations: IntegrationBody[] = [];
  // A few at a time: it is the draining that is to be crowded.
  while (integrations.length < count) {
    integrations.push(...(await Promise.all(Array.from({ length: 12 }, () => scene.connect()))));
  }
  const reuses = scene.provider.reuses();
  await Promise.all(integrations.map((one) => scene.webhook(one)));
  const handled = async () => {
    const { rows } = await scene.system.pool.query<{ handled: number }>(
      "SELECT count(*)::int AS handled FROM deliveries WHERE state = 'handled' AND integration_id = ANY ($1)",
      [integrations.map(({ id }) => id)],
    );
    expect(rows).toEqual([{ handled: count }]);
  };
  await eventually(handled, { timeoutMs: 60_000, everyMs: 100 });
  expect(scene.provider.reuses()).toBe(reuses);
  const versions = integrations.map((one) => of(one).map(version));
  // A machine that stands still costs a drain its lease, and its delivery is sent once more.
  const plain = versions.filter((sent) => sent.join() === '1,2');
  expect(plain.length).toBeGreaterThan(count * 0.9);
  for (const sent of versions) expect(sent.join()).toMatch(/^1(,1)*,2$/);
}, 120_000);
