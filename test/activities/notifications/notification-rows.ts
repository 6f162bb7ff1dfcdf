import {
  type NotificationDeps,
  sendNotifications,
} from '../../../activities/notifications/deliver';
import type { Pool } from '../../../src/db/pool';
import { createLog } from '../../../src/lib/log';
import { addIntegrationNotification } from '../../../src/notifications/integration-notification';
import { inTransaction } from '../../../src/db/transaction';
import type { NoticeReceiver } from '../../support/doubles/notification-receiver';
import { insertIntegration } from '../../support/scenes/rows';

export interface NoticeRow {
  id: string;
  type: string;
  outcome: string | null;
  error: string | null;
  attempts: number;
  mayHaveArrived: boolean;
  waitMs: number;
}

/** An outbox, without the actors that fill it and send from it. */
export function noticeRows(pool: Pool, receiver: NoticeReceiver) {
  const lines: string[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(line) });
  return {
    lines,
    /** @param more settings other than usual */
    send: (stream: string, more: Partial<NotificationDeps> = {}) =>
      sendNotifications(
        {
          ...{ pool, log, ...receiver.config, notifySkipRecovered: false },
          stopping: new AbortController().signal,
          ...more,
        },
        stream,
      ),
    integration: () => insertIntegration(pool, { metadata: '{"plan":"gold"}' }),
    /** The next transition, and its notice. */
    move: (integrationId: string, to: 'ERROR' | 'ENABLED') =>
      inTransaction(pool, async (client) => {
        await client.query(
          `UPDATE integrations SET status = $2, transition = transition + 1,
             reason_code = CASE WHEN $2 = 'ERROR' THEN 'invalid_grant' END WHERE id = $1`,
          [integrationId, to],
        );
        const type = to === 'ERROR' ? 'integration.error' : 'integration.recovered';
        await addIntegrationNotification(client, { integrationId, type }, 'http://holdfast.test');
      }),
    fail: (integrationId: string) =>
      addIntegrationNotification(
        pool,
        { integrationId, type: 'delivery.failed', more: { delivery: { id: 'dlv_1' } } },
        'http://holdfast.test',
      ),
    rows: async (stream: string) =>
      (
        await pool.query<NoticeRow>(
          `SELECT id, type, outcome, error, attempts, may_have_arrived AS "mayHaveArrived",
                  extract(epoch FROM next_attempt_at - now())::float8 * 1000 AS "waitMs"
           FROM notices WHERE stream = $1 ORDER BY sequence`,
          [stream],
        )
      ).rows,
    /** Makes all that waits in a stream older. */
    pass: (stream: string, hours: number) =>
      pool.query(
        `UPDATE notices SET created_at = created_at - $2 * interval '1 hour',
           next_attempt_at = next_attempt_at - $2 * interval '1 hour',
           claimed_until = claimed_until - $2 * interval '1 hour'
         WHERE stream = $1 AND ended_at IS NULL`,
        [stream, hours],
      ),
    /** The transitions that the receiver was told of, each by its type, in the order of arrival. */
    told: (stream: string) =>
      receiver.attempts
        .filter(({ taken, notice }) => taken && notice.data['integrationId'] === stream)
        .map(({ notice }) => `${notice.type} ${String(notice.data['transition'])}`),
  };
}
