import type { Pool } from '../../src/db/pool';
import {
  endNotification,
  endUnsent,
  nextNotification,
  type WaitingNotification,
} from '../../src/db/queries/notifications/outbox';
import { skipRecovered } from '../../src/db/queries/notifications/skip-recovered';
import type { Logger } from '../../src/lib/log';
import { attemptNotification, type NotificationMetrics } from './attempt';
import type { CodeDeps } from './reconnect-code';

export interface NotificationDeps extends CodeDeps {
  pool: Pool;
  notifyUrl: string | undefined;
  /** Of Standard Webhooks, `whsec_…`. */
  notifySecret: string | undefined;
  notifySkipRecovered: boolean;
  /** Aborts when this worker stops: the notification in flight is finished, no other one is begun. */
  stopping: AbortSignal;
  /** Undefined where nothing is measured. */
  metrics?: NotificationMetrics | undefined;
  log: Logger;
}

export interface NotificationsResult {
  /** When the stream is looked at again, RFC 3339; null where nothing waits. */
  retryAt: string | null;
}

/** How long one run goes on with another notification. */
const shareMs = 20_000;

/** Sends a stream's notifications, each attempt once; the workflow decides on another. */
export function createDeliverNotices(deps: NotificationDeps) {
  return function deliverNotices({ stream }: { stream: string }): Promise<NotificationsResult> {
    return sendNotifications(deps, stream);
  };
}

/** Sends a stream's notifications in order; the first that is not taken holds those behind it. */
export async function sendNotifications(
  deps: NotificationDeps,
  stream: string,
): Promise<NotificationsResult> {
  const { pool, log, notifyUrl: url, notifySecret: secret } = deps;
  if (url === undefined || secret === undefined) {
    const notices = await endUnsent(pool, stream);
    if (notices > 0)
      log.warn(
        { event: 'notification.not_sent', stream, notices },
        'Notifications are not sent: HOLDFAST_NOTIFY_URL is not set',
      );
    return { retryAt: null };
  }
  const startedAt = performance.now();
  for (;;) {
    if (deps.notifySkipRecovered) await skip(deps, stream);
    const notification = await nextNotification(pool, stream);
    if (notification === null) return { retryAt: null };
    if (!notification.due) return { retryAt: notification.at.toISOString() };
    if (deps.stopping.aborted || performance.now() - startedAt > shareMs) {
      return { retryAt: new Date().toISOString() };
    }
    if (notification.tooOld) await giveUp(deps, stream, notification);
    else await attemptNotification(deps, stream, notification, { url, secret });
  }
}

async function skip({ pool, log }: NotificationDeps, stream: string): Promise<void> {
  for (const transition of await skipRecovered(pool, stream)) {
    log.info(
      { event: 'notification.skipped', stream, transition },
      'The notification of a recovery is skipped, as that of its death was not delivered',
    );
  }
}

/** It was tried for as long as it could be, or its turn came too late. */
async function giveUp(
  { pool, log, metrics }: NotificationDeps,
  stream: string,
  notification: WaitingNotification,
): Promise<void> {
  const { id, type, sequence, attempts: attempt, error, claimed: mayHaveArrived } = notification;
  const end = { outcome: 'given_up', error, mayHaveArrived } as const;
  if (!(await endNotification(pool, { sequence, attempt }, end))) return;
  metrics?.notificationGivenUp(type);
  log.error(
    { event: 'notification.expired', stream, notice: id, type, attempt, error },
    'A notification was not delivered for three days',
  );
}
