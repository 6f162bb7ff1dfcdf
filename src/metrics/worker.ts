import { Counter, Histogram, type Registry } from 'prom-client';
import { dueKinds } from '../db/queries/sweep/due';
import { deathCodes, type IntegrationStatus } from '../../workflows/contract/status';
import { prefix } from './registry';

/** What became of a delivery for good. */
const deliveryResults = ['handled', 'dead_lettered', 'expired'] as const;
export type DeliveryResult = (typeof deliveryResults)[number];

/**
 * What an attempt came to: `retried` and `dead_lettered` failed, and another one follows or not; `waits_for_token` and
 * `credential_dead` are about the token, `aborted` about this process.
 */
export type AttemptMeasured =
  'handled' | 'retried' | 'dead_lettered' | 'waits_for_token' | 'credential_dead' | 'aborted';

/** `failed` passes by itself, `application_fault` is the application's own. */
const refreshResults = ['refreshed', 'dead', 'application_fault', 'failed'] as const;
export type RefreshMeasured = (typeof refreshResults)[number];

/** Of an attempt at a notification: `unsent` can't have arrived, `unanswered` may have. */
export type NotificationMeasured = 'delivered' | 'refused' | 'unanswered' | 'unsent';

/** `incomplete`: something that is due could not be read, which the next sweep does. */
const sweepResults = ['completed', 'incomplete', 'failed'] as const;
export type SweepResult = (typeof sweepResults)[number];

/** What the database says may be of another version's making. */
const notificationTypes = [
  ...['integration.error', 'integration.recovered', 'integration.inbox_full', 'app.fault'],
  ...['credential.degraded', 'credential.expiring', 'delivery.failed', 'delivery.failing'],
];
const codes = [...deathCodes, 'switched_off', 'switched_on', 'reauthorized', 'created'];

/** In seconds; the last but infinity is as long as the part of the system waits. */
const buckets = {
  attempt: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  // What is parked waits for a person: hours, or days.
  latency: [
    ...[0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
    ...[3_600, 14_400, 43_200, 86_400, 259_200, 604_800],
  ],
  refresh: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
};

/** Whose names are labels; what has another one is `unknown`, so that there are never more than these. */
export interface Declared {
  providers: readonly string[];
  /** Of the configuration file, less `forward`. */
  handlers: readonly string[];
}

/** Counts what a worker does. What of it isn't counted is not asked for: its callers have none where metrics are off. */
export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;

export function createWorkerMetrics(registry: Registry, declared: Declared) {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter<L>({ name: `${prefix}${name}_total`, help, labelNames, registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    inSeconds: number[],
  ) =>
    new Histogram<L>({
      ...{ name: `${prefix}${name}_seconds`, help, labelNames, registers, buckets: inSeconds },
    });

  const providerOf = oneOf(declared.providers);
  const handlerOf = oneOf(['forward', ...declared.handlers]);
  const codeOf = oneOf(codes);
  const typeOf = oneOf(notificationTypes);

  const deliveries = counter('deliveries', 'Deliveries that have ended, by how.', [
    'provider',
    'result',
  ]);
  const attempts = counter('delivery_attempts', 'Attempts at deliveries, by what they came to.', [
    'provider',
    'handler',
    'result',
  ]);
  const attemptSeconds = histogram(
    'delivery_attempt_duration',
    'How long attempts at deliveries take.',
    ['handler'],
    buckets.attempt,
  );
  const latency = histogram(
    'delivery_latency',
    'From receipt to the end of the attempt that handled it; without replays.',
    ['parked'],
    buckets.latency,
  );
  const refreshes = counter('refreshes', 'Refresh tokens shown to providers, by what came of it.', [
    'provider',
    'result',
  ]);
  const refreshSeconds = histogram(
    'refresh_duration',
    'How long providers take to answer a refresh.',
    ['provider'],
    buckets.refresh,
  );
  const statusChanges = counter('status_changes', 'Changes of the status of integrations.', [
    'provider',
    'from',
    'to',
    'code',
  ]);
  const notificationAttempts = counter(
    'notification_attempts',
    'Attempts at notifications, by what they came to.',
    ['type', 'result'],
  );
  const givenUp = counter(
    'notifications_given_up',
    'Notifications that were not taken for three days, or refused for good.',
    ['type'],
  );
  const sweeps = counter('sweep_runs', 'Sweeps that have ended, by how.', ['result']);
  const sweepSignals = counter('sweep_signals', 'Actors signalled by sweeps, by what is due.', [
    'kind',
  ]);
  const healed = counter('actors_healed', 'Actors that were started anew from their rows.', [
    'workflow',
    'cause',
  ]);

  // A counter that begins with its first event has no increase to tell of it.
  for (const provider of declared.providers) {
    for (const result of deliveryResults) deliveries.inc({ provider, result }, 0);
    for (const result of refreshResults) refreshes.inc({ provider, result }, 0);
    for (const code of deathCodes)
      statusChanges.inc({ provider, from: 'ENABLED', to: 'ERROR', code }, 0);
  }
  for (const type of notificationTypes) givenUp.inc({ type }, 0);
  for (const result of sweepResults) sweeps.inc({ result }, 0);
  for (const kind of dueKinds) sweepSignals.inc({ kind }, 0);

  return {
    deliveryAttempted(attempt: {
      provider: string;
      handler: string;
      result: AttemptMeasured;
      durationMs: number;
    }): void {
      const handler = handlerOf(attempt.handler);
      const { result } = attempt;
      attempts.inc({ provider: providerOf(attempt.provider), handler, result });
      attemptSeconds.observe({ handler }, attempt.durationMs / 1000);
    },
    deliveriesEnded(provider: string, result: DeliveryResult, count = 1): void {
      deliveries.inc({ provider: providerOf(provider), result }, count);
    },
    /** @param parked whether it was kept meanwhile, as its integration wasn't ENABLED or was held */
    deliveryHandledAfter(ms: number, parked: boolean): void {
      latency.observe({ parked: String(parked) }, Math.max(0, ms) / 1000);
    },
    refreshed(name: string, result: RefreshMeasured, durationMs: number): void {
      const provider = providerOf(name);
      refreshes.inc({ provider, result });
      refreshSeconds.observe({ provider }, durationMs / 1000);
    },
    statusChanged(change: {
      provider: string;
      from: IntegrationStatus;
      to: IntegrationStatus;
      code: string;
    }): void {
      const { from, to } = change;
      const code = codeOf(change.code);
      statusChanges.inc({ provider: providerOf(change.provider), from, to, code });
    },
    notificationAttempted(type: string, result: NotificationMeasured): void {
      notificationAttempts.inc({ type: typeOf(type), result });
    },
    notificationGivenUp(type: string): void {
      givenUp.inc({ type: typeOf(type) });
    },
    swept(result: SweepResult): void {
      sweeps.inc({ result });
    },
    sweepSignalled(kind: (typeof dueKinds)[number], count: number): void {
      sweepSignals.inc({ kind }, count);
    },
    /** @param cause a word of Holdfast's own */
    healed(workflow: string, cause: string): void {
      healed.inc({ workflow, cause });
    },
  };
}

function oneOf(words: readonly string[]): (word: string) => string {
  const known = new Set(words);
  return (word) => (known.has(word) ? word : 'unknown');
}
