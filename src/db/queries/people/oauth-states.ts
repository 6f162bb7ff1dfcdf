import type { Queryable } from '../../pool';
import type { Confirm } from './sessions';

/** A person's way to a provider and back. */
export interface OAuthState {
  stateHash: Buffer;
  provider: string;
  integrationId: string;
  credentialName: string;
  credentialId: string;
  sealedCodeVerifier: Buffer;
  nonce: string | null;
  parameters: Record<string, string> | null;
  returnTo: string | null;
  resume: boolean;
  /** The person was already sent a second time, with `prompt=consent`. */
  consentForced: boolean;
  /** Who set out; null where it was without a session. */
  sessionId: string | null;
  /** How the application calls the person. */
  userLabel: string | null;
  confirm: Confirm;
  /** Of the code that it began with, in place of a session: only the account that is stored will do. */
  reconnectCodeHash: Buffer | null;
}

export interface NewOAuthState extends OAuthState {
  browserHash: Buffer;
  lifetimeSeconds: number;
}

/** How many a session may have under way. */
const openOfOne = 20;

/**
 * The oldest of its session's give way where there are too many.
 * @returns whether it is stored; false where its session is over
 */
export async function insertOAuthState(client: Queryable, state: NewOAuthState): Promise<boolean> {
  // Locked: a session that is being ended takes along what it finds, and two at once would not count each other.
  const { rowCount } = await client.query(
    `INSERT INTO oauth_states (state_hash, browser_hash, provider, integration_id, credential_name,
                               credential_id, code_verifier, nonce, parameters, return_to, resume,
                               consent_forced, session_id, user_label, confirm,
                               reconnect_code_hash, expires_at)
     SELECT $1::bytea, $2::bytea, $3::text, $4::text, $5::text, $6::text, $7::bytea, $8::text,
            $9::json, $10::text, $11::boolean, $12::boolean, $14::text,
            $15::text, $16::text, $17::bytea, now() + $13::integer * interval '1 second'
      WHERE $14::text IS NULL OR EXISTS (SELECT FROM sessions WHERE id = $14::text FOR NO KEY UPDATE)`,
    [
      state.stateHash,
      state.browserHash,
      state.provider,
      state.integrationId,
      state.credentialName,
      state.credentialId,
      state.sealedCodeVerifier,
      state.nonce,
      state.parameters === null ? null : JSON.stringify(state.parameters),
      state.returnTo,
      state.resume,
      state.consentForced,
      state.lifetimeSeconds,
      state.sessionId,
      state.userLabel,
      state.confirm,
      state.reconnectCodeHash,
    ],
  );
  if (state.sessionId !== null) {
    await client.query(
      `DELETE FROM oauth_states WHERE state_hash IN (
         SELECT state_hash FROM oauth_states
         WHERE session_id = $1::text AND used_at IS NULL AND expires_at > now()
         ORDER BY expires_at DESC, state_hash OFFSET $2::integer)`,
      [state.sessionId, openOfOne],
    );
  }
  return rowCount === 1;
}

export interface StateKey {
  stateHash: Buffer;
  browserHash: Buffer;
  provider: string;
}

/**
 * Of `oauth_states s`: another way that began with the same code has come to its end since. The browser that has a code may
 * set out with it several times, and it serves one reconnect.
 */
const isOutdone = `EXISTS (
  SELECT FROM reconnect_codes r JOIN credentials c ON c.id = s.credential_id
   WHERE r.code_hash = s.reconnect_code_hash AND c.consented_at > r.created_at)`;

/** Uses a state up; of two callbacks with the same one, a single one gets it. */
export async function takeOAuthState(
  client: Queryable,
  { stateHash, browserHash, provider }: StateKey,
): Promise<OAuthState | undefined> {
  const { rows } = await client.query<OAuthState>(
    `UPDATE oauth_states s SET used_at = now()
      WHERE state_hash = $1::bytea AND browser_hash = $2::bytea AND provider = $3::text
        AND used_at IS NULL AND expires_at > now() AND NOT ${isOutdone}
     RETURNING state_hash AS "stateHash", provider, integration_id AS "integrationId",
               credential_name AS "credentialName", credential_id AS "credentialId",
               code_verifier AS "sealedCodeVerifier", nonce, parameters, return_to AS "returnTo",
               resume, consent_forced AS "consentForced", session_id AS "sessionId",
               user_label AS "userLabel", confirm,
               reconnect_code_hash AS "reconnectCodeHash"`,
    [stateHash, browserHash, provider],
  );
  return rows[0];
}

export type StateRefusal = 'unknown' | 'used' | 'expired' | 'other_browser';

export interface RefusedState {
  refusal: StateRefusal;
  /** Absent where nothing is known of it. */
  integrationId?: string;
  reconnectCodeHash?: Buffer | null;
  /** The browser still has its cookie: no answer to it has come. */
  isUnanswered?: boolean;
}

/**
 * Why a state could not be taken, for the page that says what to do. Used comes first: a page that is
 * loaded again has lost the cookie.
 */
export async function readStateRefusal(
  client: Queryable,
  { stateHash, browserHash, provider }: StateKey,
): Promise<RefusedState> {
  const { rows } = await client.query<RefusedState>(
    `SELECT CASE WHEN used_at IS NOT NULL OR ${isOutdone} THEN 'used'
                 WHEN browser_hash <> $2::bytea THEN 'other_browser'
                 WHEN expires_at <= now() THEN 'expired' ELSE 'unknown' END AS refusal,
            integration_id AS "integrationId", reconnect_code_hash AS "reconnectCodeHash",
            browser_hash = $2::bytea AS "isUnanswered"
       FROM oauth_states s WHERE state_hash = $1::bytea AND provider = $3::text`,
    [stateHash, browserHash, provider],
  );
  return rows[0] ?? { refusal: 'unknown' };
}
