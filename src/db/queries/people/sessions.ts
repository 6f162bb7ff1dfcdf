import type { Queryable } from '../../pool';

/** `read` reads and reconnects, `manage` also pauses and switches on and off, `delete` everything. */
export type SessionScope = 'read' | 'manage' | 'delete';

/** Who says that the account of a first connection is the right one. */
export type Confirm = 'page' | 'application';

interface NewSession {
  id: string;
  /** The key that asks for it, whose end it doesn't outlive; null: one of `HOLDFAST_API_KEYS`. */
  apiKeyId: string | null;
  tokenHash: Buffer;
  linkHash: Buffer;
  userId: string;
  userLabel: string | null;
  integrationId: string | null;
  credentialName: string | null;
  returnTo: string | null;
  resume: boolean;
  scope: SessionScope;
  confirm: Confirm;
  expiresInSeconds: number;
  /** How long the link may be redeemed, if the session lasts as long. */
  linkSeconds: number;
}

/** A session whose person is signed in. */
export interface Session {
  id: string;
  userId: string;
  userLabel: string | null;
  integrationId: string | null;
  credentialName: string | null;
  returnTo: string | null;
  resume: boolean;
  scope: SessionScope;
  confirm: Confirm;
  expiresAt: Date;
}

/** Of `sessions s`. */
export const sessionColumns = `s.id, s.user_id AS "userId", s.user_label AS "userLabel",
  s.integration_id AS "integrationId", s.credential_name AS "credentialName",
  s.return_to AS "returnTo", s.resume, s.scope, s.confirm, s.expires_at AS "expiresAt"`;

/** @returns when it and its link end; undefined where its key is good no more */
export async function insertSession(
  client: Queryable,
  session: NewSession,
): Promise<{ expiresAt: Date; linkExpiresAt: Date } | undefined> {
  const { rows } = await client.query<{ expiresAt: Date; linkExpiresAt: Date }>(
    // Locked: a key that is being revoked takes the sessions with it that it finds.
    `WITH maker AS MATERIALIZED (
       SELECT expires_at FROM api_keys
       WHERE id = $14::text AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
       FOR SHARE)
     INSERT INTO sessions (id, token_hash, link_hash, link_expires_at, user_id, user_label,
                           integration_id, credential_name, return_to, resume, scope, confirm,
                           api_key_id, expires_at)
     SELECT $1::text, $2::bytea, $3::bytea,
             least(now() + least($13::integer, $12::integer) * interval '1 second',
                   (SELECT expires_at FROM maker)),
             $4::text, $5::text, $6::text, $7::text, $8::text, $9::boolean, $10::text, $11::text,
             $14::text,
             least(now() + $12::integer * interval '1 second', (SELECT expires_at FROM maker))
     WHERE $14::text IS NULL OR EXISTS (SELECT FROM maker)
     RETURNING expires_at AS "expiresAt", link_expires_at AS "linkExpiresAt"`,
    [
      session.id,
      session.tokenHash,
      session.linkHash,
      session.userId,
      session.userLabel,
      session.integrationId,
      session.credentialName,
      session.returnTo,
      session.resume,
      session.scope,
      session.confirm,
      session.expiresInSeconds,
      session.linkSeconds,
      session.apiKeyId,
    ],
  );
  return rows[0];
}

export async function readSessionByCookie(
  client: Queryable,
  cookieHash: Buffer,
): Promise<Session | undefined> {
  const { rows } = await client.query<Session>(
    `SELECT ${sessionColumns} FROM sessions s
      WHERE s.cookie_hash = $1::bytea AND s.expires_at > now()`,
    [cookieHash],
  );
  return rows[0];
}

export async function readSessionByToken(
  client: Queryable,
  tokenHash: Buffer,
): Promise<Session | undefined> {
  const { rows } = await client.query<Session>(
    `SELECT ${sessionColumns} FROM sessions s
      WHERE s.token_hash = $1::bytea AND s.expires_at > now()`,
    [tokenHash],
  );
  return rows[0];
}

/** @returns of the sessions that still last how many milliseconds are left, by the database's clock */
export async function readTimeLeft(
  db: Queryable,
  sessionIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await db.query<{ id: string; leftMs: number }>(
    `SELECT id, (extract(epoch FROM expires_at - now()) * 1000)::float8 AS "leftMs"
     FROM sessions WHERE id = ANY ($1::text[]) AND expires_at > now()`,
    [sessionIds],
  );
  return new Map(rows.map(({ id, leftMs }) => [id, leftMs]));
}
