import { tsToMs } from '@temporalio/common/lib/time';
import { type ProcessScene, startProcessScene } from '../../support/processes/process-scene';
import { eventually } from '../../support/eventually';
import { historyEvents } from '../../support/scenes/history-events';
import type { HoldfastProcess } from '../../support/processes/processes';
import { sendStorm } from '../../support/scenes/send-storm';
import { startGateways } from '../../support/processes/start-gateways';
import { untilQuiet } from '../../support/until-quiet';

const unlimited = { HOLDFAST_RATE_LIMIT_PER_SECOND: '100000', HOLDFAST_KEEP_LIMIT: '100000' };

/** Lines of the levels that wake people up. */
const alarms = (one: HoldfastProcess) =>
  one
    .output()
    .split('\n')
    .filter((line) => /"level":"(warn|error|fatal)"/.test(line));

/**
 * The storm that Holdfast is there for has 94,000.
 * @returns a test's work
 */
export function stormOf(webhooks: number): () => Promise<void> {
  let scene: ProcessScene;
  beforeAll(async () => {
    scene = await startProcessScene({ config: { sweepSeconds: 1 } });
  }, 60_000);
  afterAll(() => scene.close());

  return async () => {
    const { system, provider, destination } = scene;
    const gateways = await startGateways(scene.processes, 2, unlimited);
    const worker = scene.processes.start('worker');
    const integration = await scene.connect();
    const workflowId = `integration:${integration.id}`;
    const handle = system.temporal.workflow.getHandle(workflowId);
    await eventually(() => untilQuiet(handle), { timeoutMs: 60_000 });
    destination.answer((request, answer) => {
      const refused = request.headers['holdfast-credential-version'] === '1';
      answer.writeHead(refused ? 424 : 204).end();
    });
    provider.revokeAll();

    const urls = gateways.map(({ url }) => url);
    const dead = scene.until(integration.id, 'ERROR');
    const storm = sendStorm(urls, integration, webhooks, dead);
    // Quiet in the middle of the storm: an actor that was signalled would not be.
    const quiet = dead.then(() => untilQuiet(handle));
    const [{ answers, tookMs }, eventsInTheMiddle] = await Promise.all([storm, quiet]);
    const rate = Math.round((webhooks / tookMs) * 1_000);
    console.info(
      `${webhooks} webhooks in ${tookMs} ms, ${rate} a second: ${JSON.stringify(answers)}`,
    );

    const { '202 accepted': accepted = 0, '202 parked': parked = 0, ...others } = answers;
    expect(others).toEqual({});
    expect(accepted + parked).toBe(webhooks);
    expect(parked).toBeGreaterThanOrEqual(webhooks / 2);
    expect((await scene.show(integration.id)).inbox).toMatchObject({
      pending: webhooks,
      handled: 0,
    });

    const { body } = await system.api<{ items: { to: string; at: string }[] }>(
      'GET',
      `/v1/integrations/${integration.id}/transitions`,
    );
    const diedAt = Date.parse(body.items[0]?.at ?? '');
    expect(body.items.map(({ to }) => to)).toEqual(['ERROR', 'ENABLED']);
    const events = await historyEvents(system.temporal, workflowId);
    expect(events).toHaveLength(eventsInTheMiddle);
    const signals = events.filter(
      ({ workflowExecutionSignaledEventAttributes: signal, eventTime }) =>
        signal?.signalName === 'webhookReceived' && tsToMs(eventTime) > diedAt,
    );
    // One of each gateway, and where the machine is slow one that was under way at that moment. The rest of the storm makes none.
    expect(signals.length).toBeLessThanOrEqual(2 * gateways.length);
    expect(provider.tokenCalls()).toBe(1);
    const lines = [worker, ...gateways.map(({ process }) => process)].flatMap(alarms);
    const changes = lines.filter((line) => line.includes('integration.status_changed'));
    expect(changes).toHaveLength(1);
    expect(lines.length - changes.length).toBeLessThanOrEqual(1);

    await system.api(
      'PUT',
      `/v1/integrations/${integration.id}/credentials/main`,
      provider.grant(),
    );
    const again = () =>
      destination.received.filter(({ headers }) => headers['holdfast-credential-version'] === '2');
    const reconnectedAt = Date.now();
    await eventually(() => expect(again().length).toBeGreaterThanOrEqual(webhooks), {
      timeoutMs: 300_000,
      everyMs: 500,
    });
    const seconds = (Date.now() - reconnectedAt) / 1_000;
    console.info(`${webhooks} handled ${seconds} s after the reconnect`);
    const sequences = again().map(({ sequence }) => sequence);
    const { rows } = await system.pool.query<{ sequence: number }>(
      'SELECT sequence FROM deliveries ORDER BY sequence, position LIMIT $1',
      [sequences.length],
    );
    expect(sequences).toEqual(rows.map(({ sequence }) => sequence));
    expect(provider.tokenCalls()).toBe(1);
    await worker.stop();
  };
}
