import type {
  CredentialState,
  IntegrationStatus,
  ReasonCode,
  TransitionCode,
} from '../../../../workflows/contract/status';
import { expiringWithinMs } from '../../../credentials/policy';
import type { Queryable } from '../../pool';
import { foreseenEndSql } from '../notifications/expiring';

/** One of a person's integrations, as its page lists it. Times in JSON are as Postgres writes them. */
export interface Connection {
  integrationId: string;
  name: string;
  provider: string;
  status: IntegrationStatus;
  since: Date;
  reasonCode: ReasonCode | null;
  reasonCredential: string | null;
  reasonMessage: string | null;
  reasonBy: string | null;
  whenError: 'keep' | 'discard';
  whenDisabled: 'keep' | 'discard';
  inOrder: boolean;
  /** At most one more than was asked to count. */
  pending: number;
  /** When the newest of its deliveries that were handled has arrived; null where none is stored. */
  lastUpdateAt: Date | null;
  /** Since when its destination fails; null where it doesn't. */
  failingSince: Date | null;
  /** Of its last attempt that failed so. */
  failingError: string | null;
  /** Null where that is not known. */
  nextAttemptAt: Date | null;
  credentials: {
    name: string;
    state: CredentialState;
    account: string | null;
    accountId: string | null;
    lastSuccessAt: string | null;
    /** Null where the provider never said. */
    scopes: string[] | null;
    /** When its grant ends, whatever is done; null where that is not known. */
    endsAt: string | null;
  }[];
  /** The newest first. */
  history: {
    from: IntegrationStatus | null;
    to: IntegrationStatus;
    code: TransitionCode;
    reason: string | null;
    by: string;
    credential: string | null;
    at: string;
  }[];
}

interface Limits {
  /** How many connections; one more is read where there are more. */
  connections: number;
  /** Up to how many webhooks of one are counted: people wait for the answer. */
  count: number;
  /** How many changes of one. */
  changes: number;
}

/** Broken ones first, then those never connected, so that none is beyond the limit while another is not; then by name. */
const orderSql = `(status = 'ERROR') DESC, coalesce(reason_code = 'not_connected', false), name`;

export async function readConnections(
  db: Queryable,
  userId: string,
  { connections, count, changes }: Limits,
): Promise<Connection[]> {
  const { rows } = await db.query<Connection>(
    `WITH page AS MATERIALIZED (
       SELECT * FROM integrations WHERE user_id = $1::text AND deleted_at IS NULL
       ORDER BY ${orderSql} LIMIT $2::int
     )
     SELECT i.id AS "integrationId", i.name, i.provider, i.status, i.status_since AS since,
            i.reason_code AS "reasonCode", i.reason_credential AS "reasonCredential",
            i.reason_message AS "reasonMessage", i.reason_by AS "reasonBy",
            i.when_error AS "whenError", i.when_disabled AS "whenDisabled",
            i.handling_order = 'strict' AS "inOrder", d.pending, u.received_at AS "lastUpdateAt",
            f.since AS "failingSince", f.error AS "failingError",
            f.next_attempt_at AS "nextAttemptAt",
            c.credentials, t.history
     FROM page i
     LEFT JOIN failing_destinations f ON f.integration_id = i.id
     LEFT JOIN LATERAL (
       SELECT received_at FROM deliveries WHERE integration_id = i.id AND state = 'handled'
       ORDER BY received_at DESC LIMIT 1
     ) u ON true
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS pending FROM (
         SELECT FROM deliveries WHERE integration_id = i.id AND state = 'pending' LIMIT $3::int
       ) counted
     ) d
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(json_build_object('name', l.name, 'state', k.state,
                'account', coalesce(k.account_label, k.account_id),
                'accountId', k.account_id,
                'lastSuccessAt', k.last_success_at, 'scopes', k.scopes,
                'endsAt', ${foreseenEndSql('k', '$5')})
                ORDER BY l.name), '[]') AS credentials
       FROM integration_credentials l JOIN credentials k ON k.id = l.credential_id
       WHERE l.integration_id = i.id
     ) c
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(json_build_object('from', n.from_status, 'to', n.to_status,
                'code', n.code, 'reason', n.reason, 'by', n.by, 'credential', n.credential,
                'at', n.at) ORDER BY n.number DESC), '[]') AS history
       FROM (SELECT * FROM transitions WHERE integration_id = i.id
             ORDER BY number DESC LIMIT $4::int) n
     ) t
     ORDER BY ${orderSql}`,
    [userId, connections + 1, count + 1, changes, expiringWithinMs],
  );
  return rows;
}
