import type { Queryable } from '../../pool';

/** A code that a notification carries in place of a sign-in: it serves one reconnect of the account that is stored. */
export interface ReconnectCode {
  integrationId: string;
  credentialName: string;
  expiresAt: Date;
  /**
   * `used`: by another browser. `over`: everything is connected; `off`: it is, and switched off. `superseded`: what it was
   * made for is mended, and something else is broken since.
   */
  state: 'open' | 'used' | 'expired' | 'over' | 'off' | 'superseded';
}

/** The credential that a code would be for. */
interface Reconnectable {
  provider: string;
  credentialName: string;
}

/**
 * What a notification's code would reconnect. The integration's row is kept until the caller's commit: its deletion locks
 * it before its notifications, too.
 *
 * @param name absent: the credential that needs a person most
 * @returns undefined where no account is stored yet: whoever had the code could connect one of their own
 */
export async function readReconnectable(
  client: Queryable,
  integrationId: string,
  name?: string,
): Promise<Reconnectable | undefined> {
  const { rows } = await client.query<Reconnectable>(
    `SELECT c.provider, l.name AS "credentialName"
       FROM integrations i
       JOIN integration_credentials l ON l.integration_id = i.id
       JOIN credentials c ON c.id = l.credential_id
      WHERE i.id = $1::text AND i.deleted_at IS NULL AND c.account_id IS NOT NULL
        AND ($2::text IS NULL AND NOT credential_is_usable(c.state) OR l.name = $2::text)
      ORDER BY l.name = 'main' DESC, l.name
      LIMIT 1 FOR KEY SHARE OF i`,
    [integrationId, name ?? null],
  );
  return rows[0];
}

interface NewReconnectCode {
  codeHash: Buffer;
  integrationId: string;
  credentialName: string;
  lifetimeSeconds: number;
}

export async function insertReconnectCode(db: Queryable, code: NewReconnectCode): Promise<void> {
  await db.query(
    `INSERT INTO reconnect_codes (code_hash, integration_id, credential_name, expires_at)
     VALUES ($1::bytea, $2::text, $3::text, now() + $4::int * interval '1 second')`,
    [code.codeHash, code.integrationId, code.credentialName, code.lifetimeSeconds],
  );
}

/** A code, and the browser that holds it. */
export interface HeldCode {
  codeHash: Buffer;
  /** SHA-256 of the cookie that its page has set. */
  browserHash: Buffer;
}

/**
 * The browser that has used a code keeps it until a reconnect succeeds: a second click, a closed tab or an outage is not the
 * end of it. It has ten minutes, as a way to a provider does, also where it came late.
 */
const isInTime = `greatest(expires_at, used_at + interval '10 minutes') > now()`;

/** Looks at a code without using it. @returns undefined where that integration has, or had, no such code */
export async function readReconnectCode(
  db: Queryable,
  { codeHash, browserHash }: HeldCode,
  integrationId: string,
): Promise<ReconnectCode | undefined> {
  const { rows } = await db.query<ReconnectCode>(
    `SELECT r.integration_id AS "integrationId", r.credential_name AS "credentialName",
            r.expires_at AS "expiresAt",
            CASE WHEN credential_is_usable(c.state) AND c.expiring_notified_for IS NULL THEN
                   -- By the credentials: a status follows them a moment later.
                   CASE WHEN EXISTS (SELECT FROM integration_credentials o
                                     JOIN credentials k ON k.id = o.credential_id
                                     WHERE o.integration_id = i.id AND NOT credential_is_usable(k.state))
                          THEN 'superseded'
                        WHEN i.status = 'DISABLED' THEN 'off' ELSE 'over' END
                 WHEN c.consented_at > r.created_at THEN 'superseded'
                 WHEN r.used_at IS NOT NULL AND r.browser_hash IS DISTINCT FROM $3::bytea
                   THEN 'used'
                 WHEN r.is_in_time THEN 'open' ELSE 'expired' END AS state
       FROM (SELECT *, ${isInTime} AS is_in_time FROM reconnect_codes) r
       JOIN integrations i ON i.id = r.integration_id
       JOIN integration_credentials l ON l.integration_id = i.id AND l.name = r.credential_name
       JOIN credentials c ON c.id = l.credential_id
      WHERE r.code_hash = $1::bytea AND i.id = $2::text AND i.deleted_at IS NULL
        AND c.account_id IS NOT NULL`,
    [codeHash, integrationId, browserHash],
  );
  return rows[0];
}

/** Uses a code up; of two browsers' clicks a single one gets it. */
export async function takeReconnectCode(
  client: Queryable,
  { codeHash, browserHash }: HeldCode,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE reconnect_codes SET used_at = coalesce(used_at, now()), browser_hash = $2::bytea
      WHERE code_hash = $1::bytea AND (used_at IS NULL OR browser_hash = $2::bytea) AND ${isInTime}`,
    [codeHash, browserHash],
  );
  return rowCount === 1;
}

/** Another code for what is left of a used one's time. @returns false where none is left */
export async function renewReconnectCode(
  db: Queryable,
  usedHash: Buffer,
  newHash: Buffer,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO reconnect_codes (code_hash, integration_id, credential_name, expires_at)
     SELECT $2::bytea, integration_id, credential_name, expires_at FROM reconnect_codes
      WHERE code_hash = $1::bytea AND used_at IS NOT NULL AND expires_at > now()`,
    [usedHash, newHash],
  );
  return rowCount === 1;
}
