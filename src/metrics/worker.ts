import { Counter, Histogram, type Registry } from 'prom-client';
import { workflowTypes } from '../../workflows/contract/ids';
import { deathCodes, type IntegrationStatus } from '../../workflows/contract/status';
import { dueKinds } from '../db/queries/sweep/due';
import { type StuckCause, stuckCauses } from '../temporal/actor-runs';
import { prefix } from './registry';
import * as words from './worker-words';

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
  const codeOf = oneOf(words.codes);
  const typeOf = oneOf(words.notificationTypes);

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
    words.buckets.attempt,
  );
  const latency = histogram(
    'delivery_latency',
    'From receipt to the end of the attempt that handled it; without replays.',
    ['parked'],
    words.buckets.latency,
  );
  const refreshes = counter('refreshes', 'Refresh tokens shown to providers, by what came of it.', [
    'provider',
    'result',
  ]);
  const refreshSeconds = histogram(
    'refresh_duration',
    'How long providers take to answer a refresh.',
    ['provider'],
    words.buckets.refresh,
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
    for (const result of words.deliveryResults) deliveries.inc({ provider, result }, 0);
    for (const result of words.refreshResults) refreshes.inc({ provider, result }, 0);
    for (const code of deathCodes)
      statusChanges.inc({ provider, from: 'ENABLED', to: 'ERROR', code }, 0);
  }
  for (const type of words.notificationTypes) givenUp.inc({ type }, 0);
  for (const result of words.sweepResults) sweeps.inc({ result }, 0);
  for (const kind of dueKinds) sweepSignals.inc({ kind }, 0);
  for (const workflow of Object.values(workflowTypes))
    for (const cause of stuckCauses) healed.inc({ workflow, cause }, 0);

  return {
    deliveryAttempted(attempt: {
      provider: string;
      handler: string;
      result: words.AttemptMeasured;
      durationMs: number;
    }): void {
      const handler = handlerOf(attempt.handler);
      const { result } = attempt;
      attempts.inc({ provider: providerOf(attempt.provider), handler, result });
      attemptSeconds.observe({ handler }, attempt.durationMs / 1000);
    },
    deliveriesEnded(provider: string, result: words.DeliveryResult, count = 1): void {
      deliveries.inc({ provider: providerOf(provider), result }, count);
    },
    /** @param parked whether it was kept meanwhile, as its integration wasn't ENABLED or was held */
    deliveryHandledAfter(ms: number, parked: boolean): void {
      latency.observe({ parked: String(parked) }, Math.max(0, ms) / 1000);
    },
    refreshed(name: string, result: words.RefreshMeasured, durationMs: number): void {
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
    notificationAttempted(type: string, result: words.NotificationMeasured): void {
      notificationAttempts.inc({ type: typeOf(type), result });
    },
    notificationGivenUp(type: string): void {
      givenUp.inc({ type: typeOf(type) });
    },
    swept(result: words.SweepResult): void {
      sweeps.inc({ result });
    },
    sweepSignalled(kind: (typeof dueKinds)[number], count: number): void {
      sweepSignals.inc({ kind }, count);
    },
    /** @param workflow its type */
    healed(workflow: string, cause: StuckCause): void {
      healed.inc({ workflow, cause });
    },
  };
}

function oneOf(words: readonly string[]): (word: string) => string {
  const known = new Set(words);
  return (word) => (known.has(word) ? word : 'unknown');
}
