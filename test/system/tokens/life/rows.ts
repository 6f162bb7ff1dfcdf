import type { Envelope } from '../../../../src/crypto/envelope';
import type { Pool } from '../../../../src/db/pool';
import type { CredentialState, IntegrationStatus } from '../../../../workflows/contract/status';

export const providerOf = (credential: number): string => `acme-${credential}`;

export interface TokenOwner {
  id: string;
  version: number;
  state: CredentialState;
  onTrial: boolean;
}

/** @returns the credential whose row holds that refresh token now; null where none does */
export async function readTokenOwner(
  pool: Pool,
  envelope: Envelope,
  token: string,
): Promise<TokenOwner | null> {
  const { rows } = await pool.query<TokenOwner & { sealed: Buffer }>(
    `SELECT id, version, state, trial_at IS NOT NULL AS "onTrial", refresh_token AS sealed
     FROM credentials
     WHERE refresh_token IS NOT NULL`,
  );
  const row = rows.find(
    ({ id, sealed }) => envelope.open(sealed, `credentials.refresh_token:${id}`) === token,
  );
  if (row === undefined) return null;
  const { id, version, state, onTrial } = row;
  return { id, version, state, onTrial };
}

export interface LifeRow {
  id: string;
  version: number;
  state: CredentialState;
  code: string | null;
}

/** Between two tries of a dead credential: until time is moved. */
export const trialPauseMs = 30 * 60_000;

/**
 * Reads what the credentials are, and lets time stand still: whatever is waited for stays an hour away, however slow
 * the machine is, until a test moves it.
 */
export async function readCredentials(pool: Pool): Promise<LifeRow[]> {
  const { rows } = await pool.query<LifeRow>(
    `UPDATE credentials SET
       retry_at = CASE WHEN retry_at > now() THEN now() + interval '1 hour' ELSE retry_at END,
       refused_until =
         CASE WHEN refused_until > now() THEN now() + interval '1 hour' ELSE refused_until END,
       presenting_until =
         CASE WHEN presenting_until > now() THEN now() + interval '1 hour' ELSE presenting_until END,
       trial_until = CASE WHEN trial_until IS NOT NULL THEN now() + interval '1 hour' END,
       trial_at = CASE WHEN trial_at > now() THEN now() + interval '30 minutes' ELSE trial_at END,
       tried_at = CASE WHEN tried_at > now() - interval '1 hour' THEN now() ELSE tried_at END
     RETURNING id, version, state, CASE WHEN state = 'dead' THEN code END AS code`,
  );
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

export const moves = [
  'the token ends',
  'the refresh is due',
  'the back-off is over',
  'the claim is over',
  'the trial may go on',
  'the refused may be tried again',
  'refused for an hour',
  'refused long ago',
  'the token is no longer new',
] as const;
export type Move = (typeof moves)[number];

const moveSql: Record<Move, string> = {
  'the token ends': "expires_at = now() - interval '1 second'",
  'the refresh is due': "refresh_at = now() - interval '1 second'",
  'the back-off is over': "retry_at = retry_at - interval '2 hours'",
  'the claim is over': "presenting_until = presenting_until - interval '2 hours'",
  'the trial may go on':
    "trial_at = trial_at - interval '2 hours', tried_at = tried_at - interval '2 hours'",
  'the refused may be tried again': "refused_until = refused_until - interval '2 hours'",
  'refused for an hour': "refused_since = refused_since - interval '61 minutes'",
  'refused long ago': "refused_at = refused_at - interval '46 minutes'",
  'the token is no longer new': "obtained_at = now() - interval '2 minutes'",
};

export async function moveTime(pool: Pool, id: string, move: Move): Promise<void> {
  await pool.query(`UPDATE credentials SET ${moveSql[move]} WHERE id = $1::text AND version > 0`, [
    id,
  ]);
}

export interface IntegrationRow {
  status: IntegrationStatus;
  transition: number;
  reasonCode: string | null;
  reasonCredential: string | null;
  reasonMessage: string | null;
}

export async function readIntegration(pool: Pool, id: string): Promise<IntegrationRow> {
  const { rows } = await pool.query<IntegrationRow>(
    `SELECT status, transition, reason_code AS "reasonCode",
            reason_credential AS "reasonCredential", reason_message AS "reasonMessage"
     FROM integrations WHERE id = $1::text`,
    [id],
  );
  if (rows[0] === undefined) throw new Error(`${id} has no row`);
  return rows[0];
}

export interface AuditRow {
  number: number;
  from: IntegrationStatus | null;
  to: IntegrationStatus;
  code: string | null;
  /** Of a transition to ERROR. */
  credential: string | null;
}

export async function readAudit(pool: Pool, id: string): Promise<AuditRow[]> {
  const { rows } = await pool.query<AuditRow>(
    `SELECT number, from_status AS "from", to_status AS "to", code,
            CASE WHEN to_status = 'ERROR' THEN credential END AS credential
     FROM transitions WHERE integration_id = $1::text ORDER BY number`,
    [id],
  );
  return rows;
}

export async function readNotices(pool: Pool, id: string): Promise<string[]> {
  const { rows } = await pool.query<{ notice: string }>(
    `SELECT transition || ' ' || type AS notice FROM notices
     WHERE integration_id = $1::text ORDER BY sequence`,
    [id],
  );
  return rows.map(({ notice }) => notice);
}
