import { eventually } from '../../support/eventually';
import { createProcesses, type ProcessStarter } from '../../support/processes/processes';
import { type Scene, sendWebhook, startScene } from '../../support/scenes/scene';
import { startGateways } from '../../support/processes/start-gateways';

const webhooks = 40;

/** Source of a configuration's handlers: there are none, but the process's clock is five seconds slow. */
const slowClock = `(() => {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...parts) {
      super(...(parts.length === 0 ? [RealDate.now() - 5000] : parts));
    }
    static now() {
      return RealDate.now() - 5000;
    }
  };
  return {};
})()`;

let scene: Scene;
let starters: ProcessStarter[];
beforeAll(async () => {
  scene = await startScene();
  const providers = { acme: scene.provider.declaration };
  starters = ['{}', slowClock].map((handlers) =>
    createProcesses(scene.system.config, providers, handlers),
  );
}, 60_000);
afterAll(async () => {
  await Promise.all(starters.map((one) => one.close()));
  await scene.close();
});

test('S23 what comes in by two gateways is handled in the order in which it was answered, also where the clock of one is 5 s off', async () => {
  const gateways = (
    await Promise.all(starters.map((processes) => startGateways(processes, 1)))
  ).flat();
  const integration = await scene.connect({ fields: { whenDisabled: 'keep' } });
  // All of them are there before the drain starts.
  await scene.system.api('POST', `/v1/integrations/${integration.id}/disable`, {});
  const sent: string[] = [];
  for (let index = 0; index < webhooks; index++) {
    const url = gateways[index % gateways.length]?.url ?? '';
    sent.push((await sendWebhook(url, integration)).id);
  }
  // Ids tell the time of the gateway that made them: it was off.
  expect([...sent].sort()).not.toEqual(sent);
  await scene.system.api('POST', `/v1/integrations/${integration.id}/enable`, {});
  await eventually(() => expect(scene.destination.received).toHaveLength(webhooks), {
    timeoutMs: 60_000,
  });
  expect(scene.destination.received.map(({ id }) => id)).toEqual(sent);
}, 180_000);
