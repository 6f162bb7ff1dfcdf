import {
  context,
  type Link,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type TraceState,
} from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { PermanentError } from '../../../src';
import { eventually } from '../../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';

const spans = new InMemorySpanExporter();
let decision = SamplingDecision.RECORD_AND_SAMPLED;
/** What a test makes the operator's sampler do. */
let sample: Sampler['shouldSample'] | undefined;
const sampler: Sampler = {
  shouldSample: (...of) => sample?.(...of) ?? { decision },
  toString: () => 'as a test says',
};

let scene: Scene;
beforeAll(async () => {
  new NodeTracerProvider({
    sampler,
    spanProcessors: [new SimpleSpanProcessor(spans)],
  }).register();
  scene = await startScene({
    durations: { retryDelaysMs: [50] },
    handlers: {
      'ask-api': async (_delivery, ctx) => {
        await ctx.fetch(`${scene.provider.url}/me?secret=query`);
      },
      refuse: () => {
        throw new PermanentError('words of a customer');
      },
    },
  });
}, 60_000);
afterAll(async () => {
  await scene.close();
  // Other files share the process.
  trace.disable();
  context.disable();
  propagation.disable();
});
beforeEach(() => spans.reset());
afterEach(() => {
  sample = undefined;
  decision = SamplingDecision.RECORD_AND_SAMPLED;
  scene.destination.answer((_request, answer) => answer.writeHead(204).end());
});

/** What a sender says of a trace. */
const theirs = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'a=b' };
const slow = { timeoutMs: 25_000 };

const named = (name: string): ReadableSpan[] =>
  spans.getFinishedSpans().filter((span) => span.name === name);

/** Waits until as many have ended. */
const ended = (name: string, count = 1) =>
  eventually(() => {
    const found = named(name);
    expect(found.map((span) => span.name)).toHaveLength(count);
    return found;
  }, slow);

async function one(name: string): Promise<ReadableSpan> {
  const [span] = await ended(name);
  if (span === undefined) throw new Error(`no span ${name}`);
  return span;
}

const traceOf = (span: ReadableSpan) => span.spanContext().traceId;
const isBelow = (child: ReadableSpan, parent: ReadableSpan) =>
  expect([traceOf(child), child.parentSpanContext?.spanId]).toEqual([
    traceOf(parent),
    parent.spanContext().spanId,
  ]);
const idOf = ({ traceId, spanId }: Link['context']) => `${traceId} ${spanId}`;

const accept = 'POST /webhooks/:id';
const attempt = 'process inbox';

async function storedTraceparent(id: string): Promise<string | null> {
  const { rows } = await scene.system.pool.query<{ traceparent: string | null }>(
    'SELECT traceparent FROM deliveries WHERE id = $1',
    [id],
  );
  return rows[0]?.traceparent ?? null;
}

const credentialOf = ({ credentials }: IntegrationBody) => credentials[0]?.id;

test('an attempt is a trace of its own, linked to its webhook’s, and the destination goes on with it', async () => {
  const integration = await scene.connect();
  const { id } = await scene.webhook(integration, { headers: theirs });
  const accepted = await one(accept);
  const attempted = await one(attempt);
  const sent = await one('POST destination');

  expect(accepted.kind).toBe(SpanKind.SERVER);
  expect(accepted.parentSpanContext).toBeUndefined();
  expect(accepted.attributes).toEqual({
    'http.request.method': 'POST',
    'http.route': '/webhooks/:id',
    'url.scheme': 'http',
    'url.path': `/webhooks/${integration.id}`,
    'http.response.status_code': 202,
    'holdfast.provider': 'acme',
    'holdfast.integration.id': integration.id,
    'holdfast.deliveries': 1,
    'holdfast.outcome': 'accepted',
    'messaging.message.id': id,
  });
  const { traceId, spanId } = accepted.spanContext();
  expect(await storedTraceparent(id)).toBe(`00-${traceId}-${spanId}-01`);

  expect(attempted.kind).toBe(SpanKind.CONSUMER);
  expect(attempted.parentSpanContext).toBeUndefined();
  expect(traceOf(attempted)).not.toBe(traceId);
  expect(attempted.links.map((link) => idOf(link.context))).toEqual([`${traceId} ${spanId}`]);
  expect(attempted.attributes).toMatchObject({
    'messaging.message.id': id,
    'holdfast.provider': 'acme',
    'holdfast.attempt': 1,
    'holdfast.result': 'handled',
  });

  isBelow(sent, attempted);
  const { port } = new URL(scene.destination.url);
  expect(sent.attributes).toEqual({
    'http.request.method': 'POST',
    'http.response.status_code': 204,
    'url.scheme': 'http',
    'server.address': '127.0.0.1',
    'server.port': Number(port),
  });
  const [received] = scene.destination.received.filter((delivery) => delivery.id === id);
  expect(received?.headers).toMatchObject({
    traceparent: `00-${traceOf(sent)}-${sent.spanContext().spanId}-01`,
    'holdfast-original-traceparent': theirs.traceparent,
    'holdfast-original-tracestate': theirs.tracestate,
  });
  expect(received?.headers).not.toHaveProperty('tracestate');
});

test('a refresh is below the attempt that waits for it, down to the request to the provider', async () => {
  const integration = await scene.connect();
  // The provider has rejected the token: nobody but the attempt asks for another one.
  const statuses = [424, 204];
  scene.destination.answer((_request, answer) => answer.writeHead(statuses.shift() ?? 204).end());
  await scene.webhook(integration);
  const attempted = await one(attempt);
  const waited = await one('refresh credential');
  const asked = await one('POST token endpoint');
  isBelow(waited, attempted);
  isBelow(asked, waited);
  expect(asked.attributes).toMatchObject({
    'holdfast.credential.id': credentialOf(integration),
    'holdfast.result': 'refreshed',
    'http.response.status_code': 200,
    'server.address': '127.0.0.1',
  });
  for (const sent of await ended('POST destination', 2)) isBelow(sent, attempted);
});

test('each attempt of one delivery links to its webhook, and one that fails is an error', async () => {
  const integration = await scene.connect();
  const statuses = [500, 204];
  scene.destination.answer((_request, answer) => answer.writeHead(statuses.shift() ?? 204).end());
  const { id } = await scene.webhook(integration);
  const accepted = await one(accept);
  const [failed, handled] = await ended(attempt, 2);
  expect(failed?.attributes['holdfast.result']).toBe('retried');
  expect(failed?.status).toEqual({
    code: SpanStatusCode.ERROR,
    message: 'The destination answered 500',
  });
  const [refused] = named('POST destination');
  expect(refused?.attributes['error.type']).toBe('500');
  expect(refused?.status.code).toBe(SpanStatusCode.ERROR);
  expect(handled?.attributes).toMatchObject({
    'holdfast.attempt': 2,
    'holdfast.result': 'handled',
  });
  expect(handled?.status.code).toBe(SpanStatusCode.UNSET);

  await scene.system.api('POST', `/v1/deliveries/${id}/replay`, {});
  const attempts = await ended(attempt, 3);
  const links = attempts.flatMap((span) => span.links.map((link) => idOf(link.context)));
  expect(links).toEqual(Array(3).fill(idOf(accepted.spanContext())));
  expect(new Set(attempts.map(traceOf)).size).toBe(3);
});

test('what a handler asks of its provider is below it; what it throws is in no span', async () => {
  const integration = await scene.connect({ fields: { handler: 'ask-api' } });
  await scene.webhook(integration);
  const ran = await one('handler ask-api');
  isBelow(ran, await one(attempt));
  isBelow(await one('GET provider'), ran);

  spans.reset();
  await scene.webhook(await scene.connect({ fields: { handler: 'refuse' } }));
  const attempted = await one(attempt);
  expect(attempted.attributes).toMatchObject({
    'holdfast.result': 'dead_lettered',
    'error.type': 'dead_lettered',
  });
  expect(attempted.status).toEqual({ code: SpanStatusCode.ERROR });
});

test('what is not sampled is stored without a trace, and forwarded with its sender’s', async () => {
  decision = SamplingDecision.NOT_RECORD;
  const integration = await scene.connect();
  const { id } = await scene.webhook(integration, { headers: theirs });
  await eventually(
    () => expect(scene.destination.received.map((one) => one.id)).toContain(id),
    slow,
  );
  expect(await storedTraceparent(id)).toBeNull();
  const received = scene.destination.received.find((one) => one.id === id);
  expect(received?.headers).toMatchObject(theirs);
  expect(spans.getFinishedSpans()).toEqual([]);
});

test('what the operator’s SDK throws loses nothing: the webhook is answered, and forwarded', async () => {
  const broken = () => {
    throw new Error('a sampler of the operator’s');
  };
  const wrongly = { decision, traceState: 'a=b' as unknown as TraceState };
  for (const shouldSample of [broken, () => wrongly]) {
    sample = shouldSample;
    const integration = await scene.connect();
    const { id, status } = await scene.webhook(integration);
    expect(status).toBe(202);
    await eventually(
      () => expect(scene.destination.received.map((one) => one.id)).toContain(id),
      slow,
    );
  }
});

test('a webhook that is not let in says why; a sender’s word about a trace is not believed', async () => {
  const integration = await scene.connect();
  await fetch(`${scene.system.url}/webhooks/${integration.id}?token=query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...theirs },
    body: '{"a":"body"}',
  });
  const refused = await one(accept);
  expect(refused.attributes).toMatchObject({
    'http.response.status_code': 401,
    'url.path': `/webhooks/${integration.id}`,
  });
  expect(refused.attributes['holdfast.rejection']).toEqual(expect.any(String));
  expect(refused.status.code).toBe(SpanStatusCode.UNSET);
  expect(traceOf(refused)).not.toBe('a'.repeat(32));
});
