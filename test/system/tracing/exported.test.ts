import path from 'node:path';
import { startSpanCollector } from '../../support/doubles/span-collector';
import { eventually } from '../../support/eventually';
import { startProcessScene } from '../../support/processes/process-scene';
import { startGateways } from '../../support/processes/start-gateways';
import { sendWebhook } from '../../support/scenes/scene';

const sdk = path.resolve(__dirname, '../../../examples/otel.mjs');

test('with the SDK of the documents gateway and worker send their spans to a collector, and no secret', async () => {
  const before = process.env['NODE_OPTIONS'] ?? '';
  const collector = await startSpanCollector();
  const scene = await startProcessScene();
  try {
    // What reads the exchanges of test processes along is loaded by it, too, and takes it from here.
    process.env['NODE_OPTIONS'] = `${before} --import=${sdk}`;
    const env = (service: string) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_SERVICE_NAME: service,
    });
    scene.processes.start('worker', env('the worker'));
    const [gateway] = await startGateways(scene.processes, 1, env('the gateway'));
    const statuses = [424, 204];
    scene.destination.answer((_request, answer) => answer.writeHead(statuses.shift() ?? 204).end());
    const integration = await scene.connect({ userId: 'someone-of-theirs' });
    const body = '{"of":"a customer"}';
    const { status } = await sendWebhook(gateway?.url ?? '', integration, { body });
    expect(status).toBe(202);

    const one = (name: string) =>
      eventually(
        () => {
          const found = collector.spans.filter((span) => span.name === name);
          if (found[0] === undefined) throw new Error(`no span ${name}`);
          expect(found).toHaveLength(1);
          return found[0];
        },
        { timeoutMs: 30_000, everyMs: 100 },
      );
    const accepted = await one('POST /webhooks/:id');
    const attempted = await one('process inbox');
    const waited = await one('refresh credential');
    const asked = await one('POST token endpoint');
    expect([accepted.service, attempted.service]).toEqual(['the gateway', 'the worker']);
    expect(attempted.links).toMatchObject([{ traceId: accepted.traceId, spanId: accepted.spanId }]);
    expect([waited.traceId, waited.parentSpanId]).toEqual([attempted.traceId, attempted.spanId]);
    expect([asked.traceId, asked.parentSpanId]).toEqual([attempted.traceId, waited.spanId]);

    const secrets = [...scene.provider.given(), integration.webhookSecret, body, 'customer'];
    const told = [...secrets, 'someone-of-theirs', 'Bearer', '/hook'].filter((text) =>
      collector.text().includes(text),
    );
    expect(told).toEqual([]);
  } finally {
    process.env['NODE_OPTIONS'] = before;
    await scene.close();
    await collector.close();
  }
}, 90_000);
