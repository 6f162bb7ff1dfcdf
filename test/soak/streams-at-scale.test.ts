import { readFileSync } from 'node:fs';
import { type ProcessScene, startProcessScene } from '../support/processes/process-scene';
import { eventually } from '../support/eventually';
import { type EventReader, readEvents } from '../support/event-reader';
import type { HoldfastProcess } from '../support/processes/processes';
import { type IntegrationBody, sendWebhook } from '../support/scenes/scene';
import { startGateways } from '../support/processes/start-gateways';

const count = 200;
const readers: EventReader[] = [];
let scene: ProcessScene;
let gateway: HoldfastProcess;
let url: string;
let integration: IntegrationBody;
let headers: Record<string, string>;

beforeAll(async () => {
  scene = await startProcessScene();
  const [started] = await startGateways(scene.processes, 1);
  if (started === undefined) throw new Error('no gateway');
  ({ url, process: gateway } = started);
  integration = await scene.connect({ userId: 'person-0' });
  headers = { authorization: `Bearer ${scene.system.config.apiKeys[0] ?? ''}` };
}, 120_000);
afterAll(async () => {
  for (const reader of readers) reader.close();
  await scene.close();
});

const open = async (number: number) => {
  const reader = await readEvents(`${url}/api/users/person-${number % count}/events`, headers);
  expect(reader.status).toBe(200);
  readers.push(reader);
};

async function openAll(): Promise<void> {
  for (let from = 0; from < count; from += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, index) => open(from + index)));
  }
}

/** What the gateway holds that it could not give back, in KB: its heap breathes, so the least of several. */
async function residentKb(): Promise<number> {
  const sizes: number[] = [];
  for (let look = 0; look < 20; look++) {
    const status = readFileSync(`/proc/${gateway.pid}/status`, 'utf8');
    sizes.push(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return Math.min(...sizes);
}

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  'two hundred streams take little memory, hear of a change at once, and leave webhooks their way',
  async () => {
    for (let sent = 0; sent < 100; sent++) await sendWebhook(url, integration);
    await openAll();
    for (const reader of readers.splice(0)) reader.close();
    const before = await residentKb();
    await openAll();
    const each = ((await residentKb()) - before) / count;
    expect(each).toBeLessThan(150);

    await scene.system.api('PUT', '/v1/hold', { reason: 'maintenance' });
    await eventually(
      () => {
        for (const reader of readers) {
          expect(reader.events().at(-1)?.data).toContain('"reason":"maintenance"');
        }
      },
      { timeoutMs: 5_000 },
    );
    for (let sent = 0; sent < 20; sent++) {
      expect(await sendWebhook(url, integration)).toMatchObject({ status: 202, outcome: 'parked' });
    }
    expect(await gateway.stop()).toBe(0);
    for (const reader of readers) expect(await reader.ended).toBe(true);
  },
  120_000,
);
