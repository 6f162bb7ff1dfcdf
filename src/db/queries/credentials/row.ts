import type { Queryable } from '../../pool';
import { underAppFaultSql } from './app-faults';
import type { CredentialRow } from '../../../../workflows/contract/status';

/** With what a refresh, or a look at a refused token, needs beside it. */
export interface RefreshableCredential extends CredentialRow {
  /** Sealed, as is the other. */
  accessToken: Buffer | null;
  refreshToken: Buffer | null;
  parameters: Record<string, string> | null;
  failures: number;
  /** Milliseconds until its access token ends, by the database's clock; null where unknown. */
  expiresInMs: number | null;
  /** Milliseconds since its tokens were stored. */
  ageMs: number;
  /** The time to refresh it ahead of its end has come. */
  refreshDue: boolean;
  /** Its tokens came from a refresh that was made because the ones before were refused. */
  forced: boolean;
  /** How many such refreshes there were within the hour. */
  forcedCount: number;
  /** The streak of refusals that it is in, if any. */
  refusals: number;
  refusedForMs: number | null;
  lastRefusedMs: number | null;
  /** Milliseconds until it is worth another try; negative or null: now. */
  refusedLeftMs: number | null;
}

const times = ['expiresAt', 'refreshAt', 'retryAt', 'probeAt', 'noticeAt'] as const;
type Times = (typeof times)[number];
type Raw<Row> = Omit<Row, Times> & Record<Times, Date | null>;

const columns = `provider, version, state, code, expires_at AS "expiresAt",
  refresh_at AS "refreshAt", retry_at AS "retryAt", probe_at AS "probeAt",
  CASE WHEN state = 'degraded' AND coalesce(degraded_noticed_at < degraded_since, true)
            AND NOT ${underAppFaultSql}
       THEN degraded_since + interval '15 minutes' END AS "noticeAt"`;

const sinceMs = (column: string) => `extract(epoch FROM now() - ${column})::float8 * 1000`;

const refreshableColumns = `${columns}, access_token AS "accessToken",
  refresh_token AS "refreshToken", parameters, failures,
  -${sinceMs('expires_at')} AS "expiresInMs",
  coalesce(${sinceMs('obtained_at')}, 0) AS "ageMs",
  coalesce(least(refresh_at, expires_at) <= now(), false) AS "refreshDue",
  coalesce(forced_version = version, false) AS forced,
  CASE WHEN forced_since > now() - interval '1 hour' THEN forced_count ELSE 0 END AS "forcedCount",
  refusals, ${sinceMs('refused_since')} AS "refusedForMs", ${sinceMs('refused_at')} AS "lastRefusedMs",
  -${sinceMs('refused_until')} AS "refusedLeftMs"`;

function withTimes<Row>(row: Raw<Row>): Row {
  const texts = times.map((name) => [name, row[name]?.toISOString() ?? null] as const);
  return { ...row, ...Object.fromEntries(texts) } as Row;
}

export async function readCredential(db: Queryable, id: string): Promise<CredentialRow | null> {
  const { rows } = await db.query<Raw<CredentialRow>>(
    `SELECT ${columns} FROM credentials WHERE id = $1::text`,
    [id],
  );
  return rows[0] === undefined ? null : withTimes(rows[0]);
}

export async function readRefreshable(
  db: Queryable,
  id: string,
): Promise<RefreshableCredential | null> {
  const { rows } = await db.query<Raw<RefreshableCredential>>(
    `SELECT ${refreshableColumns} FROM credentials WHERE id = $1::text`,
    [id],
  );
  return rows[0] === undefined ? null : withTimes(rows[0]);
}
