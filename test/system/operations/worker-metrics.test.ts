import { differences } from '../../metrics/catalogue';
import { lint, metricsOf } from '../../metrics/exposition';
import { eventually } from '../../support/eventually';
import {
  type NoticeReceiver,
  startNoticeReceiver,
} from '../../support/doubles/notification-receiver';
import { type Scene, startScene } from '../../support/scenes/scene';

let receiver: NoticeReceiver;
let scene: Scene;
beforeAll(async () => {
  receiver = await startNoticeReceiver();
  scene = await startScene({
    config: { metrics: true, sweepSeconds: 2, ...receiver.config },
    durations: { retryDelaysMs: [50] },
  });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await receiver.close();
});

const slow = { timeoutMs: 30_000, everyMs: 100 };

const exposed = async () => (await fetch(`${scene.system.worker().url}/metrics`)).text();

/** @returns the value of a series, as Prometheus would read it; 0 where there is none */
async function value(series: string): Promise<number> {
  const line = (await exposed()).split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}
const reaches = (series: string, expected: number) =>
  eventually(async () => expect([series, await value(series)]).toEqual([series, expected]), slow);
const deliveries = (result: string) =>
  `holdfast_deliveries_total{provider="acme",result="${result}"}`;
const attempts = (result: string) =>
  `holdfast_delivery_attempts_total{provider="acme",handler="forward",result="${result}"}`;
const latency = (parked: boolean) =>
  `holdfast_delivery_latency_seconds_count{parked="${String(parked)}"}`;

const answerWith = (...statuses: number[]) =>
  scene.destination.answer((_request, answer) => {
    answer.writeHead(statuses.shift() ?? 204).end();
  });
test('deliveries and their attempts are counted by what they came to, and timed', async () => {
  const integration = await scene.connect();
  answerWith(204, 500, 204, 400);
  for (let index = 0; index < 3; index++) await scene.webhook(integration);
  await reaches(deliveries('handled'), 2);
  await reaches(deliveries('dead_lettered'), 1);
  await reaches(attempts('handled'), 2);
  await reaches(attempts('retried'), 1);
  await reaches(attempts('dead_lettered'), 1);
  await reaches('holdfast_delivery_attempt_duration_seconds_count{handler="forward"}', 4);
  await reaches(latency(false), 2);
  await reaches(latency(true), 0);
});

test('a replay ends once more, and has no latency', async () => {
  const integration = await scene.connect();
  answerWith(400);
  const { id } = await scene.webhook(integration);
  await reaches(deliveries('dead_lettered'), 2);
  await scene.system.api('POST', `/v1/deliveries/${id}/replay`);
  await reaches(deliveries('handled'), 3);
  await reaches(latency(false), 2);
});

test('what came while it was parked is told from what came before, and each status is counted once', async () => {
  const change = (from: string, to: string, code: string) =>
    `holdfast_status_changes_total{provider="acme",from="${from}",to="${to}",code="${code}"}`;
  const integration = await scene.connect();
  await scene.system.api('PUT', '/v1/hold', { reason: 'a moment' });
  await scene.webhook(integration);
  await scene.system.api('DELETE', '/v1/hold');
  await reaches(latency(true), 1);
  // It came while it was ENABLED, and was not handled before it was not.
  answerWith(...Array<number>(200).fill(503));
  await scene.webhook(integration);
  await eventually(() => expect(scene.destination.received.length).toBeGreaterThan(6), slow);
  const api = (action: string) =>
    scene.system.api('POST', `/v1/integrations/${integration.id}/${action}`, {});
  await api('disable');
  answerWith();
  await api('enable');
  await reaches(latency(true), 2);
  await reaches(change('ENABLED', 'DISABLED', 'switched_off'), 1);
  await reaches(change('DISABLED', 'ENABLED', 'switched_on'), 1);
}, 60_000);

test('a refresh and the death of a credential, with the notifications of it', async () => {
  const refreshes = (result: string) =>
    `holdfast_refreshes_total{provider="acme",result="${result}"}`;
  const integration = await scene.connect({ expiresInMs: 1_000 });
  await reaches(refreshes('refreshed'), 1);
  await reaches('holdfast_refresh_duration_seconds_count{provider="acme"}', 1);
  const died =
    'holdfast_status_changes_total{provider="acme",from="ENABLED",to="ERROR",code="invalid_grant"}';
  expect(await exposed()).toContain(`${died} 0\n`);
  receiver.refuse(true);
  scene.provider.revokeAll();
  await scene.system.pool.query(
    "UPDATE credentials SET expires_at = now(), refresh_at = now() WHERE state = 'alive'",
  );
  await scene.until(integration.id, 'ERROR');
  await eventually(async () => expect(await value(died)).toBeGreaterThan(0), slow);
  await eventually(async () => expect(await value(refreshes('dead'))).toBeGreaterThan(0), slow);
  const notified = (result: string) =>
    `holdfast_notification_attempts_total{type="integration.error",result="${result}"}`;
  await eventually(async () => expect(await value(notified('refused'))).toBeGreaterThan(0), slow);
  receiver.refuse(false);
  await eventually(async () => expect(await value(notified('delivered'))).toBeGreaterThan(0), slow);
}, 60_000);

test('a receiver that wants to hear no more of it is one notification given up', async () => {
  const integration = await scene.connect();
  receiver.answer((answer) => answer.writeHead(410).end());
  answerWith(400);
  await scene.webhook(integration);
  await eventually(async () => {
    const series = 'holdfast_notifications_given_up_total{type="delivery.failed"}';
    expect(await value(series)).toBeGreaterThan(0);
  }, slow);
});

test('sweeps are counted, with whom they signal', async () => {
  await eventually(async () => {
    expect(await value('holdfast_sweep_runs_total{result="completed"}')).toBeGreaterThan(1);
    expect(await value('holdfast_sweep_runs_total{result="failed"}')).toBe(0);
  }, slow);
  await scene.system.pool.query('ALTER TABLE replays RENAME TO replays_away');
  await eventually(
    async () =>
      expect(await value('holdfast_sweep_runs_total{result="incomplete"}')).toBeGreaterThan(0),
    slow,
  );
  await scene.system.pool.query('ALTER TABLE replays_away RENAME TO replays');
  // Its actor's own timer is set for later: what rows say it learns by the sweep alone.
  const { credentials } = await scene.connect();
  const signalled = 'holdfast_sweep_signals_total{kind="credential"}';
  const before = await value(signalled);
  await eventually(async () => {
    await scene.system.pool.query(
      "UPDATE credentials SET refresh_at = now() - interval '1 minute' WHERE id = $1",
      [credentials[0]?.id],
    );
    expect(await value(signalled)).toBeGreaterThan(before);
  }, slow);
}, 60_000);

test('after all of that each metric is there as promised and lint-clean, and nobody can be told by one', async () => {
  const text = await exposed();
  const metrics = metricsOf(text);
  expect(differences(metrics, 'worker')).toEqual([]);
  expect(lint(metrics)).toEqual([]);
  const events = [...metrics].filter(([name]) => /^holdfast_.*_(total|seconds)$/.test(name));
  const unseen = events.filter(([, { samples }]) => samples.length === 0).map(([name]) => name);
  expect(unseen.filter((name) => !name.endsWith('_timestamp_seconds'))).toEqual([]);
  const { hostname, port } = new URL(scene.destination.url);
  for (const secret of ['int_', 'crd_', 'dlv_', 'user-1', 'contact.updated', `${hostname}:${port}`])
    expect(text).not.toContain(secret);
});
