import { eventually } from '../support/eventually';
import { answerGrant } from '../support/doubles/answer-grant';
import { type OwnScene, startOwnScene } from '../support/scenes/own-scene';
import { rowOf, token } from '../system/tokens/credential-rows';

const lifetimeMs = 20_000;
const lifetimes = 3;

let scene: OwnScene;
beforeAll(async () => {
  // The lane's own may be busy with the thousands of actors of a test beside this one.
  scene = await startOwnScene({ expiresIn: lifetimeMs / 1000 });
}, 60_000);
afterAll(() => scene.close());

test('S39 tokens that live for seconds are refreshed before each expiry, also without traffic, and no ended one is given out', async () => {
  const issued: number[] = [];
  scene.provider.behave((answer, rotate) => {
    issued.push(Date.now());
    answerGrant(answer, rotate(), lifetimeMs / 1000);
  });
  const idle = await Promise.all(
    Array.from({ length: 4 }, () => scene.connect({ expiresInMs: lifetimeMs })),
  );
  const used = await scene.connect({ expiresInMs: lifetimeMs });

  const left: number[] = [];
  const given: number[] = [];
  await eventually(
    async () => {
      for (const one of idle) left.push((await rowOf(scene, one)).expiresInMs ?? NaN);
      const answer = await token(scene, used);
      expect(answer.status).toBe(200);
      given.push(Date.parse(answer.body.expiresAt) - Date.now());
      const versions = await Promise.all(
        idle.map(async (one) => (await rowOf(scene, one)).version),
      );
      expect(Math.min(...versions)).toBeGreaterThan(lifetimes);
    },
    { timeoutMs: 90_000, everyMs: 100 },
  );
  expect(left.length).toBeGreaterThan(100);
  expect(Math.min(...left)).toBeGreaterThan(0);
  expect(Math.min(...given)).toBeGreaterThan(0);
  for (const one of [...idle, used]) {
    expect(await scene.show(one.id)).toMatchObject({ health: 'healthy', transition: 0 });
  }
  // Neither late nor again and again.
  const rounds = issued.length / (idle.length + 1);
  expect(rounds).toBeLessThanOrEqual(lifetimes + 2);
  expect(scene.provider.reuses()).toBe(0);
}, 120_000);
