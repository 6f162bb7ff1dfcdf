import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { workflowIds } from '../../workflows/contract/ids';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Failure = temporal.api.failure.v1.IFailure;
type Timestamp = { seconds?: { toString(): string } | null; nanos?: number | null };

/** Unix milliseconds: when the first fault struck, the last part was back, and an integration was handled again. */
export interface Window {
  struckAt: number;
  backAt: number;
  handledAt: number;
}

/** `TimeoutType` in temporal/api/enums/v1/workflow.proto: here that of a sticky queue. */
const scheduleToStart = 2;

/** A shorter wait is nobody's. */
const shortestMs = 700;

/**
 * What an integration's actor waited for meanwhile: tasks that nobody took, or that were lost, and activities that were tried
 * again. Times are after the return.
 *
 * @returns empty where it waited for nothing
 */
export async function describeWaits(
  client: Client,
  integrationId: string,
  window: Window,
): Promise<string> {
  const workflowId = workflowIds.integration(integrationId);
  const events = await eventsSince(client, workflowId, window.struckAt);
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const pending = (raw.pendingActivities ?? []).map((one) => ({
    name: one.activityType?.name ?? '',
    attempt: one.attempt ?? 1,
    startedAt: unixMs(one.lastStartedTime),
    failure: one.lastFailure,
  }));
  return [...waitsIn(events, window), ...pending.flatMap((one) => triedAgain(one, window))].join(
    '; ',
  );
}

async function eventsSince(
  client: Client,
  workflowId: string,
  since: number,
): Promise<HistoryEvent[]> {
  const runs: HistoryEvent[][] = [];
  let runId: string | undefined;
  for (;;) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const run: HistoryEvent[] = events ?? [];
    runs.unshift(run);
    const before = run[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    if (!before || unixMs(run[0]?.eventTime) < since) return runs.flat();
    runId = before;
  }
}

/** @param events of one workflow, oldest first */
export function waitsIn(events: readonly HistoryEvent[], window: Window): string[] {
  const { struckAt, backAt, handledAt } = window;
  let isSilent = true;
  const times = new Map(
    events.map(({ eventId, eventTime }) => [String(eventId), unixMs(eventTime)]),
  );
  const names = new Map(
    events.map(({ eventId, activityTaskScheduledEventAttributes: scheduled }) => [
      String(eventId),
      scheduled?.activityType?.name ?? '',
    ]),
  );
  const waits: string[] = [];
  for (const event of events) {
    const at = unixMs(event.eventTime);
    if (at < struckAt || at > handledAt) continue;
    const task = event.workflowTaskStartedEventAttributes;
    const activity = event.activityTaskStartedEventAttributes;
    const scheduledAt = times.get(String((task ?? activity)?.scheduledEventId)) ?? at;
    const waited = `${seconds(at - scheduledAt)} s until it began (${when(at, window)})`;
    const isLate = at - scheduledAt >= shortestMs;
    if (task && isLate) waits.push(`a workflow task: ${waited}`);
    const timedOut = event.workflowTaskTimedOutEventAttributes;
    if (Number(timedOut?.timeoutType) === scheduleToStart)
      waits.push(
        `a workflow task was not taken by the worker that knows the actor (${when(at, window)})`,
      );
    else if (timedOut) waits.push(`a workflow task was lost, and timed out (${when(at, window)})`);
    if (event.workflowExecutionSignaledEventAttributes && at >= backAt) {
      if (isSilent && at - backAt >= shortestMs) waits.push(`no signal before ${when(at, window)}`);
      isSilent = false;
    }
    if (!activity) continue;
    const name = names.get(String(activity.scheduledEventId)) ?? '';
    const attempt = activity.attempt ?? 1;
    if (attempt > 1) {
      waits.push(
        ...triedAgain({ name, attempt, startedAt: at, failure: activity.lastFailure }, window),
      );
    } else if (isLate) waits.push(`${name}: ${waited}`);
  }
  return waits;
}

interface Attempt {
  name: string;
  attempt: number;
  startedAt: number;
  failure: Failure | null | undefined;
}

function triedAgain({ name, attempt, startedAt, failure }: Attempt, window: Window): string[] {
  if (attempt < 2 || startedAt < window.struckAt || startedAt > window.handledAt) return [];
  return [
    `${name}, attempt ${attempt} (${when(startedAt, window)}), after: ${whatFailed(failure)}`,
  ];
}

function whatFailed(failure: Failure | null | undefined): string {
  const causes = [failure?.message ?? 'unknown'];
  for (let cause = failure?.cause; cause; cause = cause.cause) causes.push(cause.message ?? '');
  return causes.filter((cause) => cause !== '').join(' < ');
}

const when = (at: number, { backAt }: Window): string =>
  `${at >= backAt ? '+' : '−'}${seconds(Math.abs(at - backAt))}`;
const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

function unixMs(time: Timestamp | null | undefined): number {
  return time ? Number(String(time.seconds ?? 0)) * 1_000 + (time.nanos ?? 0) / 1e6 : 0;
}
