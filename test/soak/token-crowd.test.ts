import { eventually } from '../support/eventually';
import { answerGrant } from '../support/doubles/answer-grant';
import { type IntegrationBody, type Scene, startScene } from '../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close(), 60_000);
afterEach(() => scene.provider.behave(undefined));

test('S31 three hundred drains that stand before expired tokens at once all finish', async () => {
  await scene.system.stopWorker();
  const integrations: IntegrationBody[] = [];
  for (let batch = 0; batch < 15; batch++) {
    const fields = { whenTokenUnavailable: 'send' };
    const some = Array.from({ length: 20 }, () => scene.connect({ expiresInMs: -1_000, fields }));
    integrations.push(...(await Promise.all(some)));
  }
  for (const one of integrations) expect((await scene.webhook(one)).outcome).toBe('accepted');

  // The provider is silent until every slot for drains is taken by one that waits for it.
  const waiting: (() => void)[] = [];
  let silent = true;
  const before = { calls: scene.provider.tokenCalls(), reuses: scene.provider.reuses() };
  scene.provider.behave((answer, rotate) => {
    const issued = rotate();
    const reply = () => answerGrant(answer, issued);
    if (silent) waiting.push(reply);
    else reply();
  });
  let refused = 0;
  scene.destination.answer(({ headers }, answer) => {
    const old = headers['holdfast-credential-version'] === '1';
    if (old) refused++;
    if (refused >= 50) {
      silent = false;
      for (const reply of waiting.splice(0)) reply();
    }
    answer.writeHead(old ? 424 : 204).end();
  });
  const startedAt = performance.now();
  await scene.system.startWorker();
  await eventually(
    async () => {
      const { rows } = await scene.system.pool.query<{ state: string; count: number }>(
        'SELECT state, count(*)::int FROM deliveries GROUP BY state',
      );
      expect(rows).toEqual([{ state: 'handled', count: 300 }]);
    },
    { timeoutMs: 240_000, everyMs: 100 },
  );
  console.info(`300 drains: ${String(Math.round(performance.now() - startedAt))} ms`);
  expect(refused).toBeGreaterThanOrEqual(50);
  expect(scene.provider.tokenCalls() - before.calls).toBe(300);
  expect(scene.provider.reuses()).toBe(before.reuses);
}, 360_000);
