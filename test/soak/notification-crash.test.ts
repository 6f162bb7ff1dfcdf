import { type ProcessScene, startProcessScene } from '../support/processes/process-scene';
import type { HoldfastProcess } from '../support/processes/processes';
import { eventually } from '../support/eventually';
import { type NoticeReceiver, startNoticeReceiver } from '../support/doubles/notification-receiver';

let receiver: NoticeReceiver;
let scene: ProcessScene;
beforeAll(async () => {
  receiver = await startNoticeReceiver();
  const config = { ...receiver.config, sweepSeconds: 1 };
  scene = await startProcessScene({ config });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await receiver.close();
});

/** A killed worker's open polls swallow tasks for up to a minute. */
const slow = { timeoutMs: 150_000, everyMs: 200 };

test('S50 a worker killed between the receiver’s answer and its mark: told once more under the same id, then the recovery', async () => {
  const { notifyUrl, notifySecret } = receiver.config;
  const env = { HOLDFAST_NOTIFY_URL: notifyUrl, HOLDFAST_NOTIFY_SECRET: notifySecret };
  const start = () =>
    scene.processes.start('worker', { ...env, HOLDFAST_NOTIFY_SKIP_RECOVERED: 'true' });
  let worker: HoldfastProcess = start();
  let killed = false;
  receiver.answer((answer) => {
    if (killed) {
      answer.writeHead(204).end();
      return;
    }
    killed = true;
    worker.signal('SIGKILL');
    answer.writeHead(204).end();
  });
  const { id } = await scene.connect();
  scene.provider.revokeAll();
  await scene.system.api('POST', `/v1/integrations/${id}/token/reject`, { version: 1 });
  await eventually(() => expect(killed).toBe(true), slow);
  const path = `/v1/integrations/${id}/credentials/main`;
  worker = start();
  await scene.system.api('PUT', path, scene.provider.grant());
  await eventually(() => expect(receiver.attempts).toHaveLength(3), slow);
  const [first, repeat, recovery] = receiver.attempts;
  expect(first?.notice.type).toBe('integration.error');
  expect(repeat).toMatchObject({ id: first?.id, notice: first?.notice, verified: true });
  // It had arrived, and so the recovery is told even where what nobody heard of is dropped.
  expect(recovery?.notice).toMatchObject({
    type: 'integration.recovered',
    data: { transition: 2 },
  });
  await worker.stop();
}, 400_000);
