import { randomBytes } from 'node:crypto';
import {
  type NotificationDeps,
  sendNotifications,
} from '../../../activities/notifications/deliver';
import { createEnvelope } from '../../../src/crypto/envelope';
import type { Pool } from '../../../src/db/pool';
import { createLog } from '../../../src/lib/log';
import { addIntegrationNotification } from '../../../src/notifications/integration-notification';
import { inTransaction } from '../../../src/db/transaction';
import type { NoticeReceiver } from '../../support/doubles/notification-receiver';
import { openRegistry } from '../../support/connections';
import { insertIntegration } from '../../support/scenes/rows';

const addresses = {
  ...{ authorizationUrl: 'https://acme.example/authorize', tokenUrl: 'https://acme.example/token' },
  ...{ clientId: 'holdfast', clientSecret: 'not-a-secret' },
};
const registry = openRegistry({
  providers: {
    acme: { oauth: { ...addresses, account: { tokenResponsePointer: '/account' } } },
    // Never says whose tokens are.
    mute: { oauth: addresses },
  },
});

export interface NoticeRow {
  id: string;
  type: string;
  outcome: string | null;
  error: string | null;
  attempts: number;
  mayHaveArrived: boolean;
  waitMs: number;
  hasCode: boolean;
}

/** An outbox, without the actors that fill it and send from it. */
export function noticeRows(pool: Pool, receiver: NoticeReceiver) {
  const lines: string[] = [];
  const envelope = createEnvelope([{ id: 'k1', key: randomBytes(32) }]);
  const log = createLog('debug', { write: (line) => void lines.push(line) });
  const tell = (
    integrationId: string,
    type: 'delivery.failed' | 'credential.expiring' | 'credential.degraded',
    more: object,
  ) =>
    addIntegrationNotification(
      pool,
      { integrationId, type, more: { ...more } },
      'http://holdfast.test',
    );
  return {
    lines,
    /** @param more settings other than usual */
    send: (stream: string, more: Partial<NotificationDeps> = {}) =>
      sendNotifications(
        {
          ...{ pool, log, ...receiver.config, notifySkipRecovered: false },
          ...{ envelope, registry, reconnectCodes: false },
          stopping: new AbortController().signal,
          ...more,
        },
        stream,
      ),
    envelope,
    integration: (provider = 'acme') =>
      insertIntegration(pool, { provider, metadata: '{"plan":"gold"}' }),
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
    tell,
    fail: (integrationId: string) =>
      tell(integrationId, 'delivery.failed', { delivery: { id: 'dlv_1' } }),
    rows: async (stream: string) =>
      (
        await pool.query<NoticeRow>(
          `SELECT id, type, outcome, error, attempts, may_have_arrived AS "mayHaveArrived",
                  extract(epoch FROM next_attempt_at - now())::float8 * 1000 AS "waitMs",
                  reconnect_code IS NOT NULL AS "hasCode"
           FROM notices WHERE stream = $1 ORDER BY sequence`,
          [stream],
        )
      ).rows,
    /** As the first attempt at a notification that asks to act does. */
    keepCode: (stream: string) =>
      pool.query(`UPDATE notices SET reconnect_code = $2 WHERE stream = $1 AND ended_at IS NULL`, [
        stream,
        envelope.seal('code', `notices.reconnect_code:${stream}`),
      ]),
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
