import { eventually } from '../../support/eventually';
import { linesOf } from '../../support/log-events';
import { type Scene, startScene } from '../../support/scenes/scene';
import { startTcpProxy, type TcpProxy } from '../../support/doubles/tcp-proxy';

let proxy: TcpProxy;
let scene: Scene;
beforeAll(async () => {
  scene = await startScene({
    config: { sweepSeconds: 1 },
    reach: async (databaseUrl) => {
      const url = new URL(databaseUrl);
      proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
      url.hostname = '127.0.0.1';
      url.port = String(proxy.port);
      return url.href;
    },
  });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await proxy.close();
});

test('S19 S16 while Postgres is away: 503 with Retry-After, also for a repeat; afterwards the same webhook is taken', async () => {
  const integration = await scene.connect();
  await scene.webhook(integration);
  await eventually(async () =>
    expect((await scene.show(integration.id)).inbox).toMatchObject({ handled: 1 }),
  );
  proxy.cut();
  const twice = () => scene.webhook(integration, { id: 'msg_while_away' });
  const answers = await Promise.all([twice(), twice()]);
  expect(answers).toMatchObject([
    { status: 503, error: { code: 'database_unavailable' } },
    { status: 503, error: { code: 'database_unavailable' } },
  ]);
  for (const { retryAfter } of answers) expect(Number(retryAfter)).toBeGreaterThan(0);
  expect((await fetch(`${scene.system.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${scene.system.url}/healthz`)).status).toBe(200);

  const outages = () => linesOf(scene.system.logLines, 'postgres.');
  const untold = () =>
    outages().filter(({ event, level }) => level !== 'debug' && event !== 'postgres.connected');
  await eventually(() => expect(untold()).toHaveLength(1), { timeoutMs: 20_000 });

  proxy.mend();
  const taken = await eventually(async () => {
    const answer = await twice();
    expect(answer).toMatchObject({ status: 202, outcome: 'accepted' });
    return answer;
  });
  await eventually(
    () => expect(scene.destination.received.map(({ id }) => id).slice(1)).toEqual([taken.id]),
    { timeoutMs: 40_000 },
  );
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 0 });
  await eventually(() => expect(untold()).toHaveLength(2), { timeoutMs: 20_000 });
  expect(untold()).toMatchObject([
    {
      level: 'error',
      event: 'postgres.unreachable',
      msg: 'Postgres is unreachable: webhooks get 503',
    },
    { level: 'info', event: 'postgres.recovered', durationMs: expect.any(Number) as unknown },
  ]);
}, 90_000);
