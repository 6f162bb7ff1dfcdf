import type {
  CredentialState,
  IntegrationStatus,
  ReasonCode,
} from '../../../../workflows/contract/status';
import type { Handling, WhenTokenUnavailable } from '../../../deliveries/handling';
import { type PageKey, type PageRequest, pageKeySql, pageTimeSql } from '../../pagination';
import type { Queryable } from '../../pool';
import { handlingSql } from './handling';
import { holdOrderSql } from '../holds';

/** A credential within a row: its times are as Postgres writes them in JSON. */
export interface CredentialViewRow {
  name: string;
  id: string;
  version: number;
  state: CredentialState;
  code: string | null;
  accountId: string | null;
  expiresAt: string | null;
  /** When the grant ends unless it is refreshed before; where nothing moves that, in any case. */
  refreshExpiresAt: string | null;
  /** What the provider said that it granted; null where it never said. */
  scopes: string[] | null;
  /** When the provider last accepted a token of this version; null where nobody has asked it. */
  verifiedAt: string | null;
  /** The application keeps the tokens. */
  external: boolean;
  /** The provider named the account, or confirmed it. */
  accountProven: boolean;
  /** Since when its refreshes fail, or the API refuses its tokens; null where it is well. */
  degradedSince: string | null;
  lastSuccessAt: string | null;
  lastFailureAt: string | null;
}

/** Everything that is shown of an integration, read in one statement. */
export interface IntegrationViewRow extends PageKey {
  userId: string;
  name: string;
  provider: string;
  metadata: unknown;
  status: IntegrationStatus;
  transition: number;
  reasonCode: ReasonCode | null;
  reasonCredential: string | null;
  reasonMessage: string | null;
  reasonBy: string | null;
  reasonSince: Date | null;
  handler: string;
  destinationUrl: string | null;
  whenError: 'keep' | 'discard';
  whenDisabled: 'keep' | 'discard';
  /** Null: by default. */
  whenTokenUnavailable: WhenTokenUnavailable | null;
  handling: Handling;
  createdAt: Date;
  hasWebhookSecret: boolean;
  credentials: CredentialViewRow[];
  holdBy: 'operator' | 'user' | null;
  holdReason: string | null;
  holdSince: Date | null;
  pending: number;
  failed: number;
  handled: number;
  discarded: number;
  expired: number;
  /** Of all that is stored, as far as gateways have reported it. */
  bytes: number;
  oldestPendingAt: Date | null;
  /** Null while its destination answers, as are those below. */
  failingSince: Date | null;
  failingError: string | null;
  /** The earliest of what waits. */
  failingNextAt: Date | null;
}

/**
 * The page comes first, as the only thing that its filters and its limit see: counting is what costs, and is
 * done for the page's integrations only. Rows come in the page's order.
 *
 * @param page SQL that follows `WHERE`: which integrations, their order and how many
 */
const viewSql = (page: string) => `
  WITH page AS MATERIALIZED (
    SELECT i.* FROM integrations i WHERE i.deleted_at IS NULL AND ${page}
  ), counted AS (
    SELECT integration_id, state, count(*) AS count FROM deliveries
    WHERE integration_id = ANY (ARRAY (SELECT id FROM page))
    GROUP BY integration_id, state
  ), inbox AS (
    SELECT integration_id, sum(count) FILTER (WHERE state = 'pending')::bigint AS pending,
           sum(count) FILTER (WHERE state = 'failed')::bigint AS failed,
           sum(count) FILTER (WHERE state = 'handled')::bigint AS handled,
           sum(count) FILTER (WHERE state = 'discarded')::bigint AS discarded,
           sum(count) FILTER (WHERE state = 'expired')::bigint AS expired
    FROM counted GROUP BY integration_id
  )
  SELECT i.id, ${pageKeySql('i.created_at')}, i.user_id AS "userId", i.name, i.provider, i.metadata,
         i.status, i.transition, i.reason_code AS "reasonCode",
         i.reason_credential AS "reasonCredential", i.reason_message AS "reasonMessage",
         i.reason_by AS "reasonBy", i.reason_since AS "reasonSince", i.handler,
         i.destination_url AS "destinationUrl", i.when_error AS "whenError",
         i.when_disabled AS "whenDisabled",
         i.when_token_unavailable AS "whenTokenUnavailable", ${handlingSql('i')} AS handling,
         i.created_at AS "createdAt",
         EXISTS (SELECT FROM integration_secrets s
                  WHERE s.integration_id = i.id AND s.purpose = 'webhook') AS "hasWebhookSecret",
         c.credentials, h.by AS "holdBy", h.reason AS "holdReason", h.since AS "holdSince",
         coalesce(d.pending, 0) AS pending, coalesce(d.failed, 0) AS failed,
         coalesce(d.handled, 0) AS handled, coalesce(d.expired, 0) AS expired,
         coalesce(d.discarded, 0) + coalesce((
           SELECT n.count FROM discarded_counts n WHERE n.integration_id = i.id), 0) AS discarded,
         -- Not added up here: that would read the row of everything that is kept.
         greatest(0, coalesce((
           SELECT s.bytes FROM stored_bytes s WHERE s.integration_id = i.id), 0)) AS bytes,
         (SELECT p.received_at FROM deliveries p
           WHERE p.integration_id = i.id AND p.state = 'pending'
           ORDER BY p.sequence, p.position LIMIT 1) AS "oldestPendingAt",
         f.since AS "failingSince", f.error AS "failingError", f.next_attempt_at AS "failingNextAt"
  FROM page i
  CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object('name', l.name, 'id', k.id, 'version', k.version,
             'state', k.state, 'code', k.code, 'accountId', k.account_id,
             'expiresAt', k.expires_at, 'refreshExpiresAt', k.refresh_expires_at,
             'scopes', k.scopes, 'verifiedAt', k.verified_at, 'external', k.external,
             'accountProven', k.account_proven,
             'degradedSince', CASE WHEN k.state = 'degraded' THEN k.degraded_since END,
             'lastSuccessAt', k.last_success_at, 'lastFailureAt', k.last_failure_at)
             ORDER BY l.name), '[]') AS credentials
    FROM integration_credentials l JOIN credentials k ON k.id = l.credential_id
    WHERE l.integration_id = i.id
  ) c
  LEFT JOIN inbox d ON d.integration_id = i.id
  LEFT JOIN failing_destinations f ON f.integration_id = i.id
  LEFT JOIN LATERAL (
    SELECT by, reason, since FROM holds WHERE user_id IN ('', i.user_id)
    ORDER BY ${holdOrderSql} LIMIT 1
  ) h ON true
  ORDER BY i.created_at DESC, i.id DESC`;

const oneSql = viewSql('i.id = $1::text');

const listSql = viewSql(`
        ($1::text IS NULL OR i.status = $1::text)
    AND ($2::text IS NULL OR i.provider = $2::text)
    AND ($3::text IS NULL OR i.user_id = $3::text)
    AND ($4::bigint IS NULL OR (i.created_at, i.id) < (${pageTimeSql('$4')}, $5::text))
    ORDER BY i.created_at DESC, i.id DESC LIMIT $6::int`);

export async function readIntegrationView(
  db: Queryable,
  id: string,
): Promise<IntegrationViewRow | undefined> {
  const { rows } = await db.query<IntegrationViewRow>(oneSql, [id]);
  return rows[0];
}

export interface IntegrationFilter {
  status?: IntegrationStatus | undefined;
  provider?: string | undefined;
  userId?: string | undefined;
}

/** Newest first. @returns one row more than the limit where there is another page */
export async function listIntegrationViews(
  db: Queryable,
  { status, provider, userId }: IntegrationFilter,
  { limit, after }: PageRequest,
): Promise<IntegrationViewRow[]> {
  const { rows } = await db.query<IntegrationViewRow>(listSql, [
    status ?? null,
    provider ?? null,
    userId ?? null,
    after?.atMicros ?? null,
    after?.id ?? null,
    limit + 1,
  ]);
  return rows;
}
