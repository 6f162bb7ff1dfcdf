import { eventually } from '../../support/eventually';
import { type Scene, startScene } from '../../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ config: { sweepSeconds: 1 } });
}, 60_000);
afterAll(() => scene.close());

test('S30 a delivery that waits for another token is handled once there is one, long before its own time', async () => {
  const integration = await scene.connect();
  const inbox = async () => (await scene.show(integration.id)).inbox;
  scene.provider.behave((answer) => answer.writeHead(503, { 'retry-after': '600' }).end());
  scene.destination.answer((request, answer) => {
    const old = request.headers['holdfast-credential-version'] === '1';
    answer.writeHead(old ? 424 : 204).end();
  });
  await scene.webhook(integration);
  const { pool } = scene.system;
  await eventually(async () => {
    const { rowCount } = await pool.query(
      `SELECT FROM deliveries WHERE integration_id = $1
         AND next_attempt_at > now() + interval '9 minutes'`,
      [integration.id],
    );
    expect(rowCount).toBe(1);
  });
  // As where the application's own fault has ended: what waited for that is tried soon.
  scene.provider.behave(undefined);
  await pool.query('UPDATE credentials SET retry_at = now()');
  await eventually(async () => expect(await inbox()).toMatchObject({ pending: 0, handled: 1 }), {
    timeoutMs: 45_000,
  });
  expect((await scene.show(integration.id)).credentials).toMatchObject([{ version: 2 }]);
}, 90_000);
