import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { measureWebhooks } from '../../src/gateway/operations/measure-webhooks';
import { traceWebhooks } from '../../src/gateway/operations/trace-webhooks';
import { measureRequests } from '../../src/gateway/operator/measure-requests';
import { createGatewayMetrics, type GatewayMetrics } from '../../src/metrics/gateway';
import { costOf } from '../support/cost-of';

/** How many, and how many webhooks each. */
const rounds = [7, 30_000] as const;

type Hook = (request: FastifyRequest, reply: FastifyReply, next: () => void) => void;

/** The gateway's own hooks, and the calls of what stores a webhook, for a request that Fastify has made and answered. */
async function webhookOf(metrics: GatewayMetrics | undefined): Promise<() => void> {
  const hooks: Record<string, Hook[]> = { onRequest: [], onResponse: [] };
  const app = fastify({ logger: false });
  const addHook = app.addHook.bind(app) as (name: string, hook: Hook) => FastifyInstance;
  app.addHook = ((name: string, hook: Hook) => {
    hooks[name]?.push(hook);
    return addHook(name, hook);
  }) as typeof app.addHook;
  measureRequests(app, { metrics }, () => undefined);
  const unmeasured = measureWebhooks(app, metrics);
  const measures = traceWebhooks(app, 'https://holdfast.test', unmeasured);
  let kept: { request: FastifyRequest; reply: FastifyReply } | undefined;
  app.post('/webhooks/:id', (request, reply) => {
    kept = { request, reply };
    void reply.code(202).send({});
  });
  await app.inject({ method: 'POST', url: '/webhooks/int_1', payload: {} });
  await app.close();
  if (kept === undefined) throw new Error('there was no request');
  const { request, reply } = kept;
  // What looked up whom it is for has noted that.
  Object.assign(request, { arrival: { provider: 'acme' } });
  const { onRequest = [], onResponse = [] } = hooks;
  expect([onRequest.length, onResponse.length]).toEqual(metrics === undefined ? [0, 0] : [2, 2]);
  // As the writer of the inbox has it, and what signals.
  const onCommit = metrics?.inboxCommit;
  const onSignal = metrics?.inboxSignal ?? (() => undefined);
  const deliveries = [{ id: 'dlv_1', outcome: 'accepted' as const }];
  const next = () => undefined;
  reply.raw.removeAllListeners('close');
  return () => {
    for (const hook of onRequest) hook(request, reply, next);
    const beganAt = onCommit === undefined ? 0 : performance.now();
    onCommit?.(1, (performance.now() - beganAt) / 1_000, 'committed');
    onSignal('sent');
    measures.taken(request, deliveries);
    for (const hook of onResponse) hook(request, reply, next);
    reply.raw.emit('close');
  };
}

test('measuring costs a webhook at most 4 µs of processor time on its way through the gateway, and 1 µs where it is off', async () => {
  expect(costOf(await webhookOf(undefined), ...rounds)).toBeLessThan(1);
  const metrics = createGatewayMetrics(['acme']);
  const webhook = await webhookOf(metrics);
  webhook();
  // All of it is measured.
  const text = await metrics.registry.metrics();
  for (const line of [
    'webhooks_total{provider="acme",outcome="accepted"} 1',
    'webhook_duration_seconds_count{outcome="accepted"} 1',
    'inbox_commit_duration_seconds_count{result="committed"} 1',
    'inbox_signals_total{result="sent"} 1',
    'http_requests_total{route="/webhooks/:id",method="POST",status="202"} 2',
  ])
    expect(text).toContain(`holdfast_${line}\n`);
  expect(costOf(webhook, ...rounds)).toBeLessThan(4);
});
