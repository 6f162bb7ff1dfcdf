import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { taskQueues } from './contract/ids';
import type { IntegrationFacts } from './contract/status';
import { fairnessKey } from './rules';

/** For ever: an actor waits for Postgres to come back, it never gives up. */
const patient = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '8 seconds',
};

/** Short statements and signals. */
export const rows = proxyActivities<
  Pick<
    Activities,
    'settle' | 'recordTransition' | 'recordReason' | 'inspectCredential' | 'noticeDegraded'
  >
>({
  taskQueue: taskQueues.main,
  startToCloseTimeout: '20 seconds',
  retry: patient,
});

/** Until a lost one is noticed nothing else is swept. */
export const sweeping = proxyActivities<Pick<Activities, 'sweepInbox' | 'compareActors'>>({
  taskQueue: taskQueues.main,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: patient,
});

/**
 * One attempt at the provider; the workflow decides on another. A lost worker is noticed by the heartbeat; the time
 * is for a Postgres that is away just when new tokens have to be stored.
 */
const oneAttempt = {
  taskQueue: taskQueues.refresh,
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '10 seconds',
  retry: patient,
} as const;

export const refreshing = proxyActivities<Pick<Activities, 'refreshCredential'>>(oneAttempt);

/** Whom nobody waits for comes after those who are waited for. */
const whenThereIsTime = { priority: { priorityKey: 5 } };

export const refreshingAhead = proxyActivities<Pick<Activities, 'refreshCredential'>>({
  ...oneAttempt,
  ...whenThereIsTime,
});

export const probing = proxyActivities<Pick<Activities, 'probeCredential'>>({
  taskQueue: taskQueues.refresh,
  startToCloseTimeout: '30 seconds',
  retry: patient,
  ...whenThereIsTime,
});

/** Nobody waits for it; a second run of it finds that the first has begun. */
export const trying = proxyActivities<Pick<Activities, 'tryCredential'>>({
  ...oneAttempt,
  ...whenThereIsTime,
});

/** Nobody waits for it, and a lost worker may be noticed late. */
export const revoking = proxyActivities<Pick<Activities, 'revokeGrant'>>({
  taskQueue: taskQueues.refresh,
  startToCloseTimeout: '2 minutes',
  retry: patient,
  ...whenThereIsTime,
});

/** A few statements at a time; a queue that is full may wait. */
export const feeding = proxyActivities<Pick<Activities, 'feedReplay'>>({
  taskQueue: taskQueues.main,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: patient,
  ...whenThereIsTime,
});

/** Waits for destinations. Where the server knows fairness, each user's drains take turns with the others'. */
export const outgoing = ({ userId, fairness }: IntegrationFacts, summary: string) =>
  proxyActivities<Pick<Activities, 'drainInbox'>>({
    taskQueue: taskQueues.drain,
    startToCloseTimeout: '2 minutes',
    heartbeatTimeout: '10 seconds',
    retry: patient,
    priority: { fairnessKey: fairness ?? fairnessKey(userId) },
    summary,
  });

/** Waits for the receiver of notices, on slots of its own: one that hangs must not hold a drain. */
export const telling = proxyActivities<Pick<Activities, 'deliverNotices'>>({
  taskQueue: taskQueues.notices,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: patient,
});
