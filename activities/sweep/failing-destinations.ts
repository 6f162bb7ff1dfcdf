import { dropStaleFailures } from '../../src/db/queries/deliveries/failing-destinations';
import {
  beginOriginIncident,
  endOriginIncidents,
  type OriginIncident,
  unnotifiedOrigins,
} from '../../src/db/queries/notifications/failing-origins';
import { inTransaction } from '../../src/db/transaction';
import type { Pool } from '../../src/db/pool';
import { messageOf } from '../../src/lib/errors';
import type { Logger } from '../../src/lib/log';
import { addIntegrationNotification } from '../../src/notifications/integration-notification';
import type { Actors } from '../../src/temporal/actors';
import { signalPaced } from '../../src/temporal/paced-signals';

export interface FailingDestinationDeps {
  pool: Pool;
  actors: Pick<Actors, 'lookAtIntegration' | 'noticeWaiting'>;
  publicUrl: string;
  /** Whether anybody is told. */
  notifyUrl: string | undefined;
  durations: {
    /** How long a destination has to fail before people are told. */
    failingNoticeMs: number;
  };
  log: Logger;
}

/** The next sweep goes on. */
const mostStale = 500;
const mostOrigins = 100;

/**
 * Tells of destinations that have failed for long, once for each origin until nothing fails there any more, and forgets what
 * nobody tries any more. It never throws: the next sweep does what this one couldn't.
 */
export function createLookAtFailing(deps: FailingDestinationDeps) {
  const { pool, actors, log, notifyUrl } = deps;
  const afterMs = deps.durations.failingNoticeMs;

  async function look(): Promise<void> {
    const stale = await dropStaleFailures(pool, mostStale);
    // Their actors still show it. A lost signal leaves that until the next one.
    await signalPaced(stale, (id) => actors.lookAtIntegration(id, 'due'));
    await endOriginIncidents(pool);
    if (notifyUrl === undefined) return;
    for (const origin of await unnotifiedOrigins(pool, { afterMs, limit: mostOrigins })) {
      const incident = await notify(origin);
      if (incident === null) continue;
      const { integrationId, since, integrations, error } = incident;
      log.warn(
        { event: 'destination.failing', origin, since, integrations, error },
        'A destination has been failing for 15 minutes',
      );
      // A lost signal is made up for by a sweep: the notification is in its outbox.
      await signalPaced([integrationId], (id) => actors.noticeWaiting(id));
    }
  }

  /** The incident and its notification begin together, whoever looks at the same time. */
  function notify(origin: string): Promise<OriginIncident | null> {
    return inTransaction(pool, async (client) => {
      const incident = await beginOriginIncident(client, origin, afterMs);
      if (incident === null) return null;
      const { integrationId, at, since, error, integrations } = incident;
      const destination = { origin, since: since.toISOString(), error, integrations };
      const notification = {
        integrationId,
        type: 'delivery.failing',
        at,
        more: { destination },
      } as const;
      const isAdded = await addIntegrationNotification(client, notification, deps.publicUrl);
      // It is being deleted: the next sweep finds another one, or none.
      if (!isAdded) throw new Error('the integration is gone');
      return incident;
    });
  }

  return (): Promise<void> =>
    look().catch((error: unknown) => {
      log.warn(
        { event: 'sweep.failing_destinations_unread', err: messageOf(error) },
        'The sweep could not look at failing destinations',
      );
    });
}
