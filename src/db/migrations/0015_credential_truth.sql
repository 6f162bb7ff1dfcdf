-- Up Migration

-- A credential that can be used; the others, dead or missing, need a person. `isUsable` in workflows/rules.ts is the
-- same rule. Inlined by the planner, so that partial indexes are found.
CREATE FUNCTION credential_is_usable(state text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN state IN ('alive', 'degraded');

-- Why a credential that is not usable isn't. `deathCodeOf` in workflows/rules.ts is the same rule.
CREATE FUNCTION credential_death_code(state text, code text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN state = 'missing' THEN 'not_connected' ELSE coalesce(code, 'invalidated') END;

-- Whether the time to refresh a credential has come. Who asks because a token is wanted waits out a refresh that failed
-- (waits_out_failure); whoever is to make one is told by retry_at itself, and must not take a failure for a lifetime.
CREATE FUNCTION credential_refresh_due(
  refresh_at timestamptz, expires_at timestamptz, retry_at timestamptz, waits_out_failure boolean
) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(least(refresh_at, expires_at) <= now(), false)
         AND NOT (waits_out_failure AND coalesce(retry_at > now(), false));

DROP INDEX credentials_dead;
CREATE INDEX credentials_dead ON credentials (id) INCLUDE (state, code)
  WHERE NOT credential_is_usable(state);

-- `healthOf` in workflows/rules.ts is the same rule.
CREATE OR REPLACE VIEW connector_health AS
SELECT i.id AS integration_id, i.user_id, i.name, i.provider, i.status, i.status_since,
       i.reason_code, i.reason_credential, i.reason_message,
       CASE WHEN c.unusable > 0 THEN 'dead' WHEN c.degraded > 0 THEN 'degraded' ELSE 'healthy' END
         AS health,
       c.last_success_at, c.last_failure_at,
       (SELECT count(*) FROM deliveries d
         WHERE d.integration_id = i.id AND d.state = 'pending') AS pending,
       c.health_code
FROM integrations i
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE NOT credential_is_usable(k.state)) AS unusable,
         count(*) FILTER (WHERE k.state = 'degraded') AS degraded,
         max(k.last_success_at) AS last_success_at,
         max(k.last_failure_at) AS last_failure_at,
         (array_agg(CASE WHEN credential_is_usable(k.state) THEN k.code
                         ELSE credential_death_code(k.state, k.code) END
                    ORDER BY credential_is_usable(k.state), l.name)
            FILTER (WHERE k.state <> 'alive'))[1] AS health_code
  FROM integration_credentials l JOIN credentials k ON k.id = l.credential_id
  WHERE l.integration_id = i.id
) c
WHERE i.deleted_at IS NULL;

ALTER TABLE credentials
  -- The application keeps the tokens; there are none here.
  ADD COLUMN external boolean NOT NULL DEFAULT false,
  -- Keyed hash of the refresh token, under a key that outlives the rotation of encryption keys.
  ADD COLUMN refresh_token_hash bytea CHECK (octet_length(refresh_token_hash) = 32),
  -- The refresh token came from outside (the application, a code exchange), and not from a refresh.
  ADD COLUMN refresh_token_given boolean NOT NULL DEFAULT false,
  -- Keyed hash of the refresh token that is shown under the claim, where it is another one than the row's: one that was
  -- given. Only as good as presenting_until.
  ADD COLUMN presenting_hash bytea CHECK (octet_length(presenting_hash) = 32),
  -- What the provider said that it granted; null where it never said.
  ADD COLUMN scopes text[],
  -- An OAuth answer, and not the application, named the account.
  ADD COLUMN account_proven boolean NOT NULL DEFAULT false,
  -- When the provider last accepted a token of this version; null where nobody has asked it.
  ADD COLUMN verified_at timestamptz,
  -- When a person last gave consent.
  ADD COLUMN consented_at timestamptz,
  -- When the grant ends without another refresh; where refresh_end_is_fixed no refresh moves it.
  ADD COLUMN refresh_expires_at timestamptz,
  ADD COLUMN refresh_end_is_fixed boolean NOT NULL DEFAULT false,
  -- The end that credential.expiring was sent for.
  ADD COLUMN expiring_notified_for timestamptz,
  -- The first rejection of the refresh token since it last worked.
  ADD COLUMN refresh_rejected_since timestamptz,
  -- The client and token origin that last accepted a refresh of this credential (`<client id> <origin>`), and when.
  ADD COLUMN client text,
  ADD COLUMN client_accepted_at timestamptz,
  -- An operator asked for dead tokens to be tried once more: until when, the next try, the last one's beginning, and
  -- when the provider refused them again.
  ADD COLUMN trial_until timestamptz,
  ADD COLUMN trial_at timestamptz,
  ADD COLUMN tried_at timestamptz,
  ADD COLUMN trial_refused_at timestamptz,
  -- When an event of the provider's last made it be asked about the grant.
  ADD COLUMN death_event_at timestamptz;
CREATE INDEX credentials_client ON credentials (client, client_accepted_at) WHERE client IS NOT NULL;
CREATE INDEX credentials_refresh_token_hash ON credentials (refresh_token_hash)
  WHERE refresh_token_hash IS NOT NULL;
CREATE INDEX credentials_trial ON credentials (trial_at) WHERE trial_at IS NOT NULL;

-- Refresh tokens that their provider has replaced: whoever brings one back brings a dead one.
CREATE TABLE rotated_refresh_tokens (
  credential_id text NOT NULL REFERENCES credentials ON DELETE CASCADE,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  -- Somebody outside may still have it: known for as long as the credential is there.
  given boolean NOT NULL,
  rotated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (credential_id, hash)
);
CREATE INDEX rotated_refresh_tokens_age ON rotated_refresh_tokens (rotated_at) WHERE NOT given;

-- The key of those hashes: random, made once, encrypted like tokens and encrypted again like them.
CREATE TABLE hash_keys (
  id text PRIMARY KEY,
  key bytea NOT NULL
);
CREATE INDEX hash_keys_sealing_key ON hash_keys (sealed_key(key), id) WHERE key IS NOT NULL;

-- How a client authenticates at a token endpoint, where that differs from what its provider declares.
CREATE TABLE client_authentications (
  provider text NOT NULL,
  client_id text NOT NULL,
  token_origin text NOT NULL,
  method text NOT NULL CHECK (method IN ('client_secret_basic', 'client_secret_post')),
  -- What was declared when it was found; null: nothing. Another declaration since then counts more.
  declared text,
  found_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider, client_id, token_origin)
);

-- The operator who asked for the trial also asked for an end of the switch-off, should it succeed.
ALTER TABLE integration_credentials ADD COLUMN resume_on_trial boolean NOT NULL DEFAULT false;

ALTER TABLE integrations
  -- The names of the credentials that reason_message names.
  ADD COLUMN reason_credentials text[],
  -- Null: wait, where it has a credential.
  ADD COLUMN when_token_unavailable text CHECK (when_token_unavailable IN ('wait', 'send'));
UPDATE integrations i SET reason_credentials = ARRAY(
  SELECT l.name FROM integration_credentials l
  WHERE l.integration_id = i.id AND position('"' || l.name || '"' IN i.reason_message) > 0
  ORDER BY l.name)
WHERE i.status = 'ERROR';

-- Webhooks that were answered and not stored, because their inbox was past its hard limit.
CREATE TABLE discarded_counts (
  integration_id text PRIMARY KEY REFERENCES integrations ON DELETE CASCADE,
  count bigint NOT NULL
);
