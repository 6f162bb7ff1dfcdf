import type { Queryable } from '../../pool';
import { type Session, sessionColumns } from './sessions';

export interface SessionLink extends Session {
  state: 'open' | 'used' | 'expired';
  /** The origin of the page that asked for it; null where none did. */
  askedFrom: string | null;
}

interface LinkSession {
  id: string;
  /** Nobody is given this session's token. */
  tokenHash: Buffer;
  linkHash: Buffer;
  integrationId: string;
  /** Null: where the session that asks leads back to. */
  returnTo: string | null;
  askedFrom: string | null;
  linkSeconds: number;
}

/**
 * A session of the same person for one of their integrations, with all that the asking one was given, and over when that
 * one is. What asks by such a session is its parent's: a family has one generation, so that it can be counted.
 *
 * Where the application confirms, the session's own address stays: it is what handles `confirmation`, and it is not for the
 * bearer's holder to say who reads that.
 *
 * @returns how long the link works; undefined where the session that asks is over
 */
export async function insertLinkSession(
  db: Queryable,
  askingId: string,
  { id, tokenHash, linkHash, integrationId, returnTo, askedFrom, linkSeconds }: LinkSession,
): Promise<{ parentId: string; linkExpiresAt: Date } | undefined> {
  const { rows } = await db.query<{ parentId: string; linkExpiresAt: Date }>(
    `INSERT INTO sessions (id, token_hash, link_hash, link_expires_at, user_id, user_label,
                           integration_id, return_to, resume, scope, confirm, parent_id, api_key_id,
                           expires_at, asked_from)
     SELECT $2::text, $3::bytea, $4::bytea,
            least(p.expires_at, now() + $7::integer * interval '1 second'),
            p.user_id, p.user_label, $5::text,
            CASE WHEN p.confirm = 'application' THEN p.return_to ELSE coalesce($6::text, p.return_to) END,
            p.resume, p.scope,
            p.confirm, coalesce(p.parent_id, p.id), p.api_key_id, p.expires_at,
            $8::text
       FROM sessions p WHERE p.id = $1::text AND p.expires_at > now() FOR KEY SHARE
     RETURNING parent_id AS "parentId", link_expires_at AS "linkExpiresAt"`,
    [askingId, id, tokenHash, linkHash, integrationId, returnTo, linkSeconds, askedFrom],
  );
  return rows[0];
}

/** Looks at a link without using it. */
export async function readSessionLink(
  client: Queryable,
  linkHash: Buffer,
): Promise<SessionLink | undefined> {
  const { rows } = await client.query<SessionLink>(
    `SELECT ${sessionColumns}, s.asked_from AS "askedFrom",
            CASE WHEN s.cookie_hash IS NOT NULL THEN 'used'
                 WHEN s.link_expires_at <= now() THEN 'expired' ELSE 'open' END AS state
       FROM sessions s WHERE s.link_hash = $1::bytea`,
    [linkHash],
  );
  return rows[0];
}

/** Signs a browser in by a link, which nobody can use after that. */
export async function redeemSessionLink(
  client: Queryable,
  linkHash: Buffer,
  cookieHash: Buffer,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE sessions SET cookie_hash = $2::bytea
      WHERE link_hash = $1::bytea AND cookie_hash IS NULL AND link_expires_at > now()`,
    [linkHash, cookieHash],
  );
  return rowCount === 1;
}
