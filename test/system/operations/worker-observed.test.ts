import { request } from 'undici';
import { taskQueues } from '../../../workflows/contract/ids';
import { differences } from '../../metrics/catalogue';
import { metricsOf } from '../../metrics/exposition';
import { eventually } from '../../support/eventually';
import { linesOf } from '../../support/log-events';
import { type ProcessScene, startProcessScene } from '../../support/processes/process-scene';
import { type HoldfastProcess } from '../../support/processes/processes';

let scene: ProcessScene;
let worker: HoldfastProcess;
let url: string;
beforeAll(async () => {
  scene = await startProcessScene({ config: { sweepSeconds: 2 } });
  worker = scene.processes.start('worker');
  url = await eventually(
    () => {
      const [line] = linesOf(worker.output().split('\n').slice(0, -1), 'worker.listening');
      if (line === undefined) throw new Error('it does not listen yet');
      return String(line['url']);
    },
    { timeoutMs: 30_000 },
  );
}, 60_000);
afterAll(() => scene.close());

const slow = { timeoutMs: 30_000, everyMs: 100 };
const ready = async () => {
  const { statusCode, body } = await request(`${url}/readyz`);
  return { code: statusCode, ...((await body.json()) as { status: string }) };
};
const metrics = async () => (await request(`${url}/metrics`)).body.text();

test('a worker is ready once all its workers run', async () => {
  await eventually(async () => expect(await ready()).toMatchObject({ code: 200 }), slow);
  expect(await ready()).toEqual({
    ...{ code: 200, status: 'ok', postgres: 'ok', temporal: 'ok' },
    workers: Object.fromEntries(Object.values(taskQueues).map((queue) => [queue, 'RUNNING'])),
  });
  expect((await request(`${url}/healthz`)).statusCode).toBe(200);
});

test("what it measures stands beside what Temporal's library measures, each name once", async () => {
  const integration = await scene.connect();
  await scene.webhook(integration);
  await eventually(async () => {
    const text = await metrics();
    expect(text).toMatch(/^holdfast_deliveries_total\{provider="acme",result="handled"\} 1$/m);
    expect(text).toMatch(/^holdfast_sweep_runs_total\{result="completed"\} [1-9]/m);
  }, slow);
  const text = await metrics();
  for (const up of ['postgres', 'temporal']) expect(text).toMatch(`\nholdfast_${up}_up 1\n`);
  expect(text).toMatch(/^holdfast_build_info\{version="[^"]+",process="worker"\} 1$/m);
  expect(text).toMatch(/^holdfast_postgres_pool_connections\{state="idle"\} \d+$/m);
  expect(text).toMatch(/^temporal_activity_execution_latency_seconds_count\{.*\} \d+$/m);
  expect(text).toMatch(/^temporal_workflow_completed_total|^temporal_request_total/m);
  expect(text).toMatch(/^process_cpu_seconds_total /m);
  const typed = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  expect(typed.filter((name, index) => typed.indexOf(name) !== index)).toEqual([]);
  expect(differences(metricsOf(text), 'worker')).toEqual([]);
  for (const name of typed) expect(name).toMatch(/^(holdfast|temporal|process|nodejs)_[a-z0-9_]+$/);
  // No label names an integration, a user or an address.
  expect(text).not.toMatch(/int_|crd_|user-1|integration:|credential:|127\.0\.0\.1|service_name/);
});

test('at its end it is unready first, finishes the delivery in flight, and answers until the last', async () => {
  const integration = await scene.connect();
  const { received } = scene.destination;
  const before = received.length;
  const letGo: (() => void)[] = [];
  scene.destination.answer((_request, answer) => {
    letGo.push(() => answer.writeHead(204).end());
  });
  await scene.webhook(integration);
  await eventually(() => expect(received).toHaveLength(before + 1), slow);
  const ended = worker.stop();
  await eventually(async () => expect((await ready()).code).toBe(503), slow);
  expect(await ready()).toMatchObject({ status: 'stopping', postgres: 'ok' });
  await scene.webhook(integration);
  await eventually(async () => {
    const { workers } = (await ready()) as unknown as { workers: Record<string, string> };
    expect(workers['holdfast-drain']).not.toBe('RUNNING');
  }, slow);
  expect((await request(`${url}/healthz`)).statusCode).toBe(200);
  for (const go of letGo) go();
  expect(await ended).toBe(0);
  const { inbox } = await scene.show(integration.id);
  expect(inbox).toMatchObject({ handled: 1, pending: 1 });
  expect(received).toHaveLength(before + 1);
  await expect(request(`${url}/healthz`)).rejects.toThrow(/ECONNREFUSED/);
}, 60_000);
