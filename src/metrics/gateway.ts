import { Gauge, Histogram, type Registry } from 'prom-client';
import { cheapCounter } from './cheap-counter';
import { createMetricsRegistry, prefix } from './registry';

/** What became of a request with webhooks. */
export type WebhookEnd =
  /** The first of these that one of its deliveries was. */
  | 'accepted'
  | 'parked'
  | 'duplicate'
  | 'discarded'
  /** A handshake, or nothing in it was for anybody. */
  | 'none'
  /** Not let in. */
  | 'rejected'
  /** 503: its sender tries again. */
  | 'unavailable'
  /** Its sender hung up before there was an answer. */
  | 'aborted'
  | 'failed';

/**
 * What the gateway measures. Every label is of a bounded set of words: a provider is a declared one, or `unknown`, a route its
 * pattern. A call costs less than a microsecond.
 */
export interface GatewayMetrics {
  readonly registry: Registry;
  /** A delivery was stored, or was known. @param outcome what the sender is told */
  readonly delivery: (provider: string, outcome: string) => void;
  /** Webhooks were not let in, or an event of theirs. @param reason as in the log of rejections */
  readonly rejection: (provider: string, reason: string) => void;
  /** A request with webhooks was answered, or given up by its sender. */
  readonly webhookEnded: (end: WebhookEnd, seconds: number) => void;
  /** A statement that stores deliveries has ended. */
  readonly inboxCommit: (
    deliveries: number,
    seconds: number,
    result: 'committed' | 'failed',
  ) => void;
  readonly inboxSignal: (result: 'sent' | 'failed') => void;
  /** As above. @param route the pattern; undefined where none fits */
  readonly request: (
    route: string | undefined,
    method: string,
    status: number,
    seconds: number,
  ) => void;
  /** A person came back from a provider, or the tokens that they brought were confirmed or not. */
  readonly connect: (provider: string, result: string) => void;
  readonly tokenRequest: (provider: string, result: string) => void;
  readonly streamOpened: () => void;
  readonly streamClosed: () => void;
}

/** The name of a provider that isn't declared, or that nobody knows yet. */
export const unknownProvider = 'unknown';
const otherRoute = 'other';
/** Of an integration, and of the application. */
const webhookRoutes = ['/webhooks/:id', '/webhooks/apps/:provider'];

const seconds = {
  commit: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
  webhook: [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  request: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 60],
};
const deliveries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 2_000];

/** With a registry of the process. @param providers those that are declared */
export function createGatewayMetrics(providers: readonly string[]): GatewayMetrics {
  const registry = createMetricsRegistry('gateway');
  const registers = [registry];
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    cheapCounter(registry, { name: prefix + name, help, labelNames });
  const histogram = (name: string, help: string, buckets: number[], ...labelNames: string[]) =>
    new Histogram({ name: prefix + name, help, buckets, labelNames, registers });

  const webhooks = counter(
    'webhooks_total',
    'Deliveries of webhooks that were let in, by what their sender was answered.',
    ...['provider', 'outcome'],
  );
  const rejections = counter(
    'webhook_rejections_total',
    'Webhooks, or single events of them, that were not let in, by reason.',
    ...['provider', 'reason'],
  );
  const webhookSeconds = histogram(
    'webhook_duration_seconds',
    'Time from the beginning of a webhook request to its end, by what became of it.',
    seconds.webhook,
    'outcome',
  );
  const batch = histogram(
    'inbox_batch_deliveries',
    'Deliveries of one statement that was committed.',
    deliveries,
  );
  const commitSeconds = histogram(
    'inbox_commit_duration_seconds',
    'Time that a statement which stores deliveries took until it was committed, or failed.',
    seconds.commit,
    'result',
  );
  const signals = counter(
    'inbox_signals_total',
    'Signals to actors that something is in their inbox; a failed one is made up for by the sweep.',
    'result',
  );
  const requests = counter(
    'http_requests_total',
    'Requests, by the pattern of their route, method and HTTP status; 499: the sender hung up before.',
    ...['route', 'method', 'status'],
  );
  const requestSeconds = histogram(
    'http_request_duration_seconds',
    'Time from the beginning of a request to the end of its answer, or until its sender hung up.',
    seconds.request,
    'route',
  );
  const connects = counter(
    'connects_total',
    "People's returns from a provider, and confirmations of what they brought, by what became of them.",
    ...['provider', 'result'],
  );
  const tokenRequests = counter(
    'token_requests_total',
    'Requests of the application for an access token, by what it was answered.',
    ...['provider', 'result'],
  );
  const streams = new Gauge({
    name: `${prefix}event_streams`,
    help: "Open streams of people's status.",
    registers,
  });

  // Resolving a label set costs more than counting does: each is resolved once.
  const webhook = remember((provider: string) =>
    remember((outcome: string) => webhooks.labels(provider, outcome)),
  );
  const rejection = remember((provider: string) =>
    remember((reason: string) => rejections.labels(provider, reason)),
  );
  const connect = remember((provider: string) =>
    remember((result: string) => connects.labels(provider, result)),
  );
  const tokenRequest = remember((provider: string) =>
    remember((result: string) => tokenRequests.labels(provider, result)),
  );
  const answered = remember((end: WebhookEnd) => webhookSeconds.labels(end));
  const commit = remember((result: string) => commitSeconds.labels(result));
  const signal = remember((result: string) => signals.labels(result));
  const route = remember((pattern: string) => ({
    seconds: requestSeconds.labels(pattern),
    method: remember((method: string) =>
      remember((status: number) => requests.labels(pattern, method, String(status))),
    ),
  }));

  // A counter that alerts go by stands at 0 from the start: else its first event would be no increase.
  for (const pattern of webhookRoutes)
    for (const status of [202, 499, 503]) route(pattern).method('POST')(status);
  for (const result of ['sent', 'failed']) signal(result);
  for (const provider of providers) webhook(provider)('accepted');

  return {
    registry,
    delivery: (provider, outcome) => webhook(provider)(outcome).inc(),
    rejection: (provider, reason) => rejection(provider)(reason).inc(),
    webhookEnded: (end, took) => answered(end).observe(took),
    inboxCommit: (count, took, result) => {
      if (result === 'committed') batch.observe(count);
      commit(result).observe(took);
    },
    inboxSignal: (result) => signal(result).inc(),
    request: (pattern, method, status, took) => {
      const of = route(pattern ?? otherRoute);
      of.method(method)(status).inc();
      of.seconds.observe(took);
    },
    connect: (provider, result) => connect(provider)(result).inc(),
    tokenRequest: (provider, result) => tokenRequest(provider)(result).inc(),
    streamOpened: () => streams.inc(),
    streamClosed: () => streams.dec(),
  };
}

/** Makes what belongs to a word once. */
function remember<Word, Made>(make: (word: Word) => Made): (word: Word) => Made {
  const made = new Map<Word, Made>();
  return (word) => {
    let found = made.get(word);
    if (found === undefined) {
      found = make(word);
      made.set(word, found);
    }
    return found;
  };
}
