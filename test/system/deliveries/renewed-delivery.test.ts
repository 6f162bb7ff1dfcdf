import { eventually } from '../../support/eventually';
import { answerJson } from '../../support/doubles/oauth-server';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ config: { sweepSeconds: 1 } });
}, 60_000);
afterAll(() => scene.close());
afterEach(() => {
  scene.provider.behave(undefined);
  scene.destination.answer((_request, answer) => void answer.writeHead(204).end());
});

/** @param headers `retry-after`, in seconds; else it is asked again after the backoff of some seconds */
const providerIsAway = (headers: { 'retry-after'?: string } = {}) =>
  scene.provider.behave((answer) => answer.writeHead(503, headers).end());

async function untilItWaits(integration: IntegrationBody, atLeast = '0'): Promise<void> {
  await eventually(async () => {
    const { rows } = await scene.system.pool.query<{ attempts: number }>(
      `SELECT attempts FROM deliveries WHERE integration_id = $1 AND waits_for_version = 1
         AND next_attempt_at > now() + $2::interval`,
      [integration.id, atLeast],
    );
    expect(rows).toEqual([{ attempts: 0 }]);
  });
}

const untilHandled = (integration: IntegrationBody) =>
  eventually(
    async () => {
      const { inbox } = await scene.show(integration.id);
      expect(inbox).toMatchObject({ pending: 0, handled: 1 });
    },
    { timeoutMs: 45_000 },
  );

function openLater() {
  let open = () => {};
  const isOpen = new Promise<void>((resolve) => (open = resolve));
  return { isOpen, open: () => open() };
}

/** With which version of the credential, and as which attempt, a delivery came. */
const cameWith = (id: string) =>
  scene.destination.received
    .filter((one) => one.id === id)
    .map(({ headers }) => [headers['holdfast-credential-version'], headers['holdfast-attempt']]);

test('S30 a delivery that waits for another token is handled once there is one, long before its own time', async () => {
  const integration = await scene.connect();
  providerIsAway({ 'retry-after': '600' });
  scene.destination.answer((request, answer) => {
    const old = request.headers['holdfast-credential-version'] === '1';
    answer.writeHead(old ? 424 : 204).end();
  });
  await scene.webhook(integration);
  await untilItWaits(integration, '9 minutes');
  // As where the application's own fault has ended: what waited for that is tried soon.
  scene.provider.behave(undefined);
  await scene.system.pool.query('UPDATE credentials SET retry_at = now()');
  await untilHandled(integration);
  expect((await scene.show(integration.id)).credentials).toMatchObject([{ version: 2 }]);
}, 90_000);

test('S30 a forward whose token has ended waits for a fresh one, and spends no attempt on that', async () => {
  providerIsAway();
  const integration = await scene.connect({ expiresInMs: -1_000 });
  const { id } = await scene.webhook(integration);
  await untilItWaits(integration);
  expect(cameWith(id)).toEqual([]);
  scene.provider.behave(undefined);
  await untilHandled(integration);
  expect(cameWith(id)).toEqual([['2', '1']]);
}, 90_000);

test('S30 a forward that is to be sent whatever becomes of its token is sent at once, with the one it has', async () => {
  providerIsAway();
  const fields = { whenTokenUnavailable: 'send' };
  const integration = await scene.connect({ expiresInMs: -1_000, fields });
  const { id } = await scene.webhook(integration);
  await untilHandled(integration);
  expect(cameWith(id)).toEqual([['1', '1']]);
  expect(await scene.show(integration.id)).toMatchObject({ credentials: [{ version: 1 }] });
}, 90_000);

test('S31 a forward whose token is being renewed goes out with the new one', async () => {
  const gate = openLater();
  const asked = openLater();
  scene.provider.behave((answer, rotate) => {
    asked.open();
    void gate.isOpen.then(() => {
      const grant = rotate();
      answerJson(answer, 200, {
        access_token: grant?.accessToken,
        refresh_token: grant?.refreshToken,
        expires_in: 3_600,
      });
    });
  });
  const integration = await scene.connect({ expiresInMs: -1_000 });
  await asked.isOpen;
  const { id } = await scene.webhook(integration);
  await eventually(async () => {
    const { rowCount } = await scene.system.pool.query(
      'SELECT FROM drain_leases WHERE integration_id = $1 AND until > now()',
      [integration.id],
    );
    expect(rowCount).toBe(1);
  });
  gate.open();
  await untilHandled(integration);
  expect(cameWith(id)).toEqual([['2', '1']]);
}, 90_000);
