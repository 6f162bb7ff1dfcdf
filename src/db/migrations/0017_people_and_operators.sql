-- Up Migration

-- Keys of the application beside those of HOLDFAST_API_KEYS; the key itself is nowhere but, sealed, in the answer that
-- is kept for an Idempotency-Key for a day.
CREATE TABLE api_keys (
  id text PRIMARY KEY,
  name text NOT NULL,
  key_hash bytea NOT NULL UNIQUE CHECK (octet_length(key_hash) = 32),
  scopes text[] NOT NULL
    CHECK (scopes <@ ARRAY['read', 'manage', 'tokens', 'proxy', 'admin'] AND cardinality(scopes) > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX api_keys_page ON api_keys (created_at DESC, id DESC);
CREATE INDEX api_keys_end ON api_keys (least(expires_at, revoked_at));

-- Who did what with tokens, secrets, destinations, holds, keys and users. Whatever names a person or an integration is a
-- keyed hash: the row outlives what it is about.
CREATE TABLE audit (
  id text PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor_kind text NOT NULL CHECK (actor_kind IN ('key', 'person', 'operator')),
  -- Of a key its name, of a person the keyed hash of their id.
  actor_name text NOT NULL,
  -- The key's id; null of one of HOLDFAST_API_KEYS.
  actor_id text,
  action text NOT NULL,
  subject text,
  integration_hash bytea,
  source_address text,
  request_id text
);
CREATE INDEX audit_page ON audit (at DESC, id DESC);
CREATE INDEX audit_integration ON audit (integration_hash, at DESC, id DESC);
-- The two actions that are most of the table are found by its pages.
CREATE INDEX audit_action ON audit (action, at DESC, id DESC)
  WHERE action NOT IN ('token.read', 'token.rejected');
CREATE INDEX audit_actor_name ON audit (actor_name, at DESC, id DESC);
CREATE INDEX audit_actor_id ON audit (actor_id, at DESC, id DESC) WHERE actor_id IS NOT NULL;

ALTER TABLE sessions
  -- 'read' reads and reconnects, 'manage' also pauses and switches on and off, 'delete' everything.
  ADD COLUMN scope text NOT NULL DEFAULT 'delete' CHECK (scope IN ('read', 'manage', 'delete')),
  -- Who says that a first connection's account is the right one.
  ADD COLUMN confirm text NOT NULL DEFAULT 'page' CHECK (confirm IN ('page', 'application')),
  -- The session that asked for this one's link: they end together.
  ADD COLUMN parent_id text REFERENCES sessions ON DELETE CASCADE,
  -- The origin of the page that asked for this one's link: a form of that page may sign in by it.
  ADD COLUMN asked_from text,
  -- The key that asked for it: it ends with that key.
  ADD COLUMN api_key_id text;
CREATE INDEX sessions_parent ON sessions (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX sessions_api_key ON sessions (api_key_id) WHERE api_key_id IS NOT NULL;

ALTER TABLE oauth_states
  ADD COLUMN session_id text REFERENCES sessions ON DELETE SET NULL,
  ADD COLUMN user_label text,
  ADD COLUMN confirm text NOT NULL DEFAULT 'page' CHECK (confirm IN ('page', 'application'));
CREATE INDEX oauth_states_session ON oauth_states (session_id) WHERE session_id IS NOT NULL;

-- Tokens of a connection that wait for someone to say whose account it is. Not bound to the integration by a foreign
-- key: tokens that are not confirmed are revoked, whatever became of it.
CREATE TABLE confirmations (
  code_hash bytea PRIMARY KEY CHECK (octet_length(code_hash) = 32),
  -- SHA-256 of the cookie of the state; the application's own confirmation doesn't ask for it.
  browser_hash bytea NOT NULL,
  confirm text NOT NULL CHECK (confirm IN ('page', 'application')),
  user_id text NOT NULL,
  user_label text,
  provider text NOT NULL,
  -- Null where the provider names none. After the end, with its label, only where it was not the stored one: its page says so.
  account_id text,
  account_label text,
  integration_id text NOT NULL,
  credential_name text NOT NULL,
  credential_id text NOT NULL,
  -- Encrypted JSON: the tokens, the account, and what is known of both. After the end only where no key opened it, until one does.
  grant_tokens bytea,
  return_to text,
  resume boolean NOT NULL,
  -- Whose end ends it; null where it began without one.
  session_id text,
  -- How many deliveries waited when it was confirmed.
  kept integer,
  outcome text CHECK (outcome IN ('connected', 'cancelled', 'expired', 'account_mismatch', 'no_refresh_token', 'not_found')),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  CHECK (CASE WHEN outcome IS NULL THEN grant_tokens IS NOT NULL ELSE outcome <> 'connected' OR grant_tokens IS NULL END)
);
CREATE INDEX confirmations_expiry ON confirmations (expires_at);
CREATE INDEX confirmations_user ON confirmations (user_id);
CREATE INDEX confirmations_integration ON confirmations (integration_id);
CREATE INDEX confirmations_session ON confirmations (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX confirmations_open ON confirmations (provider, expires_at) WHERE outcome IS NULL;
CREATE INDEX confirmations_sealing_key ON confirmations (sealed_key(grant_tokens), code_hash)
  WHERE grant_tokens IS NOT NULL;

-- Codes in the reconnectUrl of notifications: each serves one reconnect of the same account.
CREATE TABLE reconnect_codes (
  code_hash bytea PRIMARY KEY CHECK (octet_length(code_hash) = 32),
  integration_id text NOT NULL REFERENCES integrations ON DELETE CASCADE,
  -- The credential's name within the integration.
  credential_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  -- SHA-256 of the cookie of the browser that used it, which may do so again.
  browser_hash bytea
);
CREATE INDEX reconnect_codes_integration ON reconnect_codes (integration_id);
CREATE INDEX reconnect_codes_expiry ON reconnect_codes (expires_at);

-- The code that a way to the provider began with: only the account that is stored will do.
ALTER TABLE oauth_states ADD COLUMN reconnect_code_hash bytea;

-- Encrypted; the body that is posted has it, and nothing else.
ALTER TABLE notices ADD COLUMN reconnect_code bytea;
CREATE INDEX notices_sealing_key ON notices (sealed_key(reconnect_code), id)
  WHERE reconnect_code IS NOT NULL;

ALTER TABLE idempotency_keys
  -- The key whose answer it is: another key's request doesn't get it. Null: one of HOLDFAST_API_KEYS.
  ADD COLUMN api_key_id text,
  -- Keyed hash of the user whom it is about: it goes with them.
  ADD COLUMN user_hash bytea,
  -- The integration that it is about.
  ADD COLUMN integration_id text REFERENCES integrations ON DELETE CASCADE;
CREATE INDEX idempotency_keys_api_key ON idempotency_keys (api_key_id) WHERE api_key_id IS NOT NULL;
CREATE INDEX idempotency_keys_integration ON idempotency_keys (integration_id) WHERE integration_id IS NOT NULL;
CREATE INDEX idempotency_keys_user ON idempotency_keys (user_hash) WHERE user_hash IS NOT NULL;

-- Which of an integration's credentials counts most: one that died, then one that was never connected. `rankOf` in
-- workflows/rules.ts is the same rule.
CREATE FUNCTION credential_rank(state text) RETURNS int
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE state WHEN 'dead' THEN 0 WHEN 'missing' THEN 1 ELSE 2 END;

-- `healthOf` in workflows/rules.ts is the same rule.
CREATE OR REPLACE VIEW connector_health AS
SELECT i.id AS integration_id, i.user_id, i.name, i.provider, i.status, i.status_since,
       i.reason_code, i.reason_credential, i.reason_message,
       CASE WHEN c.dead > 0 THEN 'dead' WHEN c.missing > 0 THEN 'new'
            WHEN c.degraded > 0 THEN 'degraded' ELSE 'healthy' END AS health,
       c.last_success_at, c.last_failure_at,
       (SELECT count(*) FROM deliveries d
         WHERE d.integration_id = i.id AND d.state = 'pending') AS pending,
       c.health_code
FROM integrations i
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE credential_rank(k.state) = 0) AS dead,
         count(*) FILTER (WHERE credential_rank(k.state) = 1) AS missing,
         count(*) FILTER (WHERE k.state = 'degraded') AS degraded,
         max(k.last_success_at) AS last_success_at,
         max(k.last_failure_at) AS last_failure_at,
         (array_agg(CASE WHEN credential_is_usable(k.state) THEN k.code
                         ELSE credential_death_code(k.state, k.code) END
                    ORDER BY credential_rank(k.state), l.name COLLATE "C")
            FILTER (WHERE k.state <> 'alive'))[1] AS health_code
  FROM integration_credentials l JOIN credentials k ON k.id = l.credential_id
  WHERE l.integration_id = i.id
) c
WHERE i.deleted_at IS NULL;

-- Integrations whose destination fails, from the first failed attempt until one succeeds.
CREATE TABLE failing_destinations (
  integration_id text PRIMARY KEY REFERENCES integrations ON DELETE CASCADE,
  -- Of the destination's URL, or handler:<name>.
  origin text NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  error text NOT NULL,
  last_failed_at timestamptz NOT NULL DEFAULT now(),
  -- The earliest of what waits; null where nothing does.
  next_attempt_at timestamptz
);
CREATE INDEX failing_destinations_origin ON failing_destinations (origin, since);

-- What delivery.failing was sent for: once for an origin, until nothing fails there any more.
CREATE TABLE failing_origins (
  origin text PRIMARY KEY,
  -- In whose stream it stands; not bound to it, since the others still fail when that one is gone.
  integration_id text NOT NULL,
  since timestamptz NOT NULL,
  notified_at timestamptz NOT NULL DEFAULT now()
);

-- Tells a person's open pages, and ends the incident of an origin where nothing fails any more. What two transactions end at
-- once neither of them sees: the sweep does.
CREATE FUNCTION failing_destination_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  about text := CASE WHEN TG_OP = 'DELETE' THEN OLD.integration_id ELSE NEW.integration_id END;
BEGIN
  PERFORM pg_notify('holdfast_live', 'status:' || user_id) FROM integrations WHERE id = about;
  IF TG_OP = 'DELETE' THEN
    DELETE FROM failing_origins o WHERE o.origin = OLD.origin
      AND NOT EXISTS (SELECT FROM failing_destinations f WHERE f.origin = OLD.origin);
  END IF;
  RETURN NULL;
END
$$;
-- Rare: at the first failed attempt and at the first success after it.
CREATE TRIGGER failing_destinations_changed AFTER INSERT OR DELETE ON failing_destinations
  FOR EACH ROW EXECUTE FUNCTION failing_destination_changed();

-- A notification that goes with its integration before it was taken has told nobody: another integration's does.
CREATE FUNCTION failing_notice_lost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM failing_origins WHERE integration_id = OLD.integration_id
    AND origin = OLD.payload::json #>> '{data,destination,origin}';
  RETURN NULL;
END
$$;
CREATE TRIGGER failing_notice_deleted AFTER DELETE ON notices
  FOR EACH ROW WHEN (OLD.type = 'delivery.failing' AND OLD.ended_at IS NULL)
  EXECUTE FUNCTION failing_notice_lost();

-- When a sweep last came to its end; `since`: from when on one could have.
CREATE TABLE sweep_state (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  since timestamptz NOT NULL DEFAULT now(),
  last_at timestamptz
);
INSERT INTO sweep_state DEFAULT VALUES;
