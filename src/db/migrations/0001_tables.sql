-- Up Migration

-- Order of handling. Not an identity column: a redelivery of something set aside takes a new number,
-- and one insert may assign numbers in another order than it locks rows in.
CREATE SEQUENCE delivery_sequence AS bigint;

CREATE TABLE credentials (
  id text PRIMARY KEY,
  user_id text NOT NULL,
  provider text NOT NULL,
  -- Rises by one whenever other tokens are stored, and only then; 0 while none ever was.
  version integer NOT NULL DEFAULT 0 CHECK (version >= 0),
  state text NOT NULL CHECK (state IN ('alive', 'degraded', 'dead', 'missing')),
  code text,
  -- Sealed: AES-256-GCM with a key id (src/crypto/envelope.ts).
  access_token bytea,
  refresh_token bytea,
  expires_at timestamptz,
  obtained_at timestamptz,
  scope text,
  account_id text,
  account_label text,
  parameters json,
  -- A refresh token is about to be shown, or was, and no answer was recorded. Nobody else shows it
  -- before presenting_until: some providers punish a token that is shown twice.
  presenting_version integer,
  presenting_attempt text,
  presenting_until timestamptz,
  -- The version whose refresh was sent and never answered; the provider may have rotated it.
  unanswered_version integer,
  -- Tokens revived by an operator's word; the next use decides.
  on_trial boolean NOT NULL DEFAULT false,
  failures integer NOT NULL DEFAULT 0,
  retry_at timestamptz,
  refresh_at timestamptz,
  probe_at timestamptz,
  degraded_since timestamptz,
  refused_since timestamptz,
  last_success_at timestamptz,
  last_failure_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK (state <> 'missing' OR version = 0),
  CHECK (state NOT IN ('dead') OR code IS NOT NULL)
);
CREATE INDEX credentials_due ON credentials (refresh_at) WHERE state IN ('alive', 'degraded');
CREATE INDEX credentials_account ON credentials (provider, account_id);

CREATE TABLE integrations (
  id text PRIMARY KEY,
  user_id text NOT NULL,
  name text NOT NULL,
  provider text NOT NULL,
  metadata json,
  status text NOT NULL CHECK (status IN ('ENABLED', 'DISABLED', 'ERROR')),
  status_since timestamptz NOT NULL DEFAULT now(),
  -- Every write of the status is fenced by this number.
  transition integer NOT NULL DEFAULT 0 CHECK (transition >= 0),
  reason_code text,
  reason_credential text,
  reason_message text,
  reason_by text,
  reason_since timestamptz,
  handler text NOT NULL DEFAULT 'forward',
  destination_url text,
  when_error text NOT NULL DEFAULT 'keep' CHECK (when_error IN ('keep', 'discard')),
  when_disabled text NOT NULL DEFAULT 'discard' CHECK (when_disabled IN ('keep', 'discard')),
  webhook_account text,
  parameters json,
  deleted_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (user_id, name),
  CHECK (status = 'ENABLED' OR reason_code IS NOT NULL)
);
CREATE INDEX integrations_page ON integrations (created_at DESC, id DESC);
CREATE INDEX integrations_status ON integrations (status, created_at DESC, id DESC);
CREATE INDEX integrations_webhook_account ON integrations (provider, webhook_account);

CREATE TABLE integration_credentials (
  integration_id text NOT NULL REFERENCES integrations ON DELETE CASCADE,
  name text NOT NULL,
  credential_id text NOT NULL REFERENCES credentials,
  -- A reconnect of *this* integration at this version asked for it to be resumed.
  resume_version integer,
  -- The version that was stored when the integration was switched off.
  disabled_version integer,
  PRIMARY KEY (integration_id, name)
);
CREATE INDEX integration_credentials_credential ON integration_credentials (credential_id);

CREATE TABLE integration_secrets (
  id text PRIMARY KEY,
  integration_id text NOT NULL REFERENCES integrations ON DELETE CASCADE,
  purpose text NOT NULL CHECK (purpose IN ('webhook', 'destination')),
  secret bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX integration_secrets_integration ON integration_secrets (integration_id, purpose);

-- A table of its own: the gateway's share locks on integrations must never wait for a lease.
CREATE TABLE drain_leases (
  integration_id text PRIMARY KEY REFERENCES integrations ON DELETE CASCADE,
  number bigint NOT NULL,
  until timestamptz NOT NULL
);

CREATE TABLE deliveries (
  id text PRIMARY KEY,
  integration_id text NOT NULL REFERENCES integrations ON DELETE CASCADE,
  sequence bigint NOT NULL DEFAULT nextval('delivery_sequence'),
  -- Among the events of one request.
  position integer NOT NULL DEFAULT 0,
  -- The request that made the row pending: its first one, or a redelivery that was a new chance.
  claim text NOT NULL,
  -- What the sender was told.
  outcome text NOT NULL CHECK (outcome IN ('accepted', 'parked', 'discarded')),
  -- What became of it.
  state text NOT NULL CHECK (state IN ('pending', 'handled', 'failed', 'discarded', 'expired')),
  dedupe_hash bytea NOT NULL CHECK (octet_length(dedupe_hash) = 32),
  dedupe_key text,
  event_type text,
  -- [[name, value], …] as received, less what is never kept; JSON text.
  headers text NOT NULL,
  body bytea NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  -- How many of them an earlier chance has used up: a redelivery starts anew, and the old ones are kept.
  attempts_before integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  -- It waits for another version of this credential, until next_attempt_at at the latest.
  waits_for_credential text,
  waits_for_version integer,
  error text,
  received_at timestamptz NOT NULL DEFAULT now(),
  handled_at timestamptz,
  ended_at timestamptz,
  UNIQUE (integration_id, dedupe_hash),
  CHECK ((state = 'pending') = (ended_at IS NULL))
);
CREATE INDEX deliveries_pending ON deliveries (integration_id, sequence, position)
  WHERE state = 'pending';
CREATE INDEX deliveries_page ON deliveries (integration_id, received_at DESC, id DESC);
CREATE INDEX deliveries_state_page ON deliveries (integration_id, state, received_at DESC, id DESC);
CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE state <> 'pending';

CREATE TABLE delivery_attempts (
  delivery_id text NOT NULL REFERENCES deliveries ON DELETE CASCADE,
  number integer NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  duration_ms integer NOT NULL,
  -- The HTTP status of the destination, where there was one.
  status integer,
  error text,
  answer text,
  PRIMARY KEY (delivery_id, number)
);

CREATE TABLE transitions (
  integration_id text NOT NULL REFERENCES integrations ON DELETE CASCADE,
  number integer NOT NULL,
  from_status text CHECK (from_status IN ('ENABLED', 'DISABLED', 'ERROR')),
  to_status text NOT NULL CHECK (to_status IN ('ENABLED', 'DISABLED', 'ERROR')),
  code text,
  reason text,
  by text NOT NULL,
  credential text,
  credential_id text,
  version integer,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (integration_id, number)
);

-- The outbox of notices. A stream is an integration's id, or app:<provider> for the operator.
CREATE TABLE notices (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE,
  stream text NOT NULL,
  integration_id text REFERENCES integrations ON DELETE CASCADE,
  transition integer,
  type text NOT NULL,
  payload text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Delivered, or given up after too long.
  ended_at timestamptz,
  delivered boolean NOT NULL DEFAULT false,
  UNIQUE (integration_id, transition, type)
);
CREATE INDEX notices_waiting ON notices (stream, sequence) WHERE ended_at IS NULL;

-- The application's own fault at a provider (a wrong client secret): told once, until it works again.
CREATE TABLE app_faults (
  provider text PRIMARY KEY,
  code text NOT NULL,
  since timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE rejections (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  integration_id text REFERENCES integrations ON DELETE CASCADE,
  provider text,
  at timestamptz NOT NULL DEFAULT now(),
  reason text NOT NULL,
  source_address text,
  size_bytes integer NOT NULL
);
CREATE INDEX rejections_page ON rejections (integration_id, at DESC, id DESC);

-- Kill switches: webhooks are kept, nothing is handled.
CREATE TABLE holds (
  scope text NOT NULL CHECK (scope IN ('all', 'user')),
  user_id text NOT NULL DEFAULT '',
  by text NOT NULL CHECK (by IN ('operator', 'user')),
  reason text NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, user_id),
  CHECK ((scope = 'all') = (user_id = ''))
);

CREATE TABLE oauth_states (
  -- SHA-256 of the state parameter; single use.
  state_hash bytea PRIMARY KEY,
  -- SHA-256 of the cookie that binds it to one browser.
  browser_hash bytea NOT NULL,
  provider text NOT NULL,
  integration_id text NOT NULL REFERENCES integrations ON DELETE CASCADE,
  credential_name text NOT NULL,
  credential_id text NOT NULL,
  -- Sealed PKCE verifier.
  code_verifier bytea NOT NULL,
  nonce text,
  parameters json,
  return_to text,
  resume boolean NOT NULL,
  -- The person was already sent a second time, with prompt=consent.
  consent_forced boolean NOT NULL DEFAULT false,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX oauth_states_expiry ON oauth_states (expires_at);
CREATE INDEX oauth_states_integration ON oauth_states (integration_id);

CREATE TABLE sessions (
  id text PRIMARY KEY,
  -- SHA-256 of the bearer token.
  token_hash bytea NOT NULL UNIQUE,
  -- SHA-256 of the link's code; it signs in once, which cookie_hash shows.
  link_hash bytea UNIQUE,
  link_expires_at timestamptz,
  -- SHA-256 of the cookie that redeeming the link set.
  cookie_hash bytea UNIQUE,
  user_id text NOT NULL,
  user_label text,
  integration_id text REFERENCES integrations ON DELETE CASCADE,
  credential_name text,
  return_to text,
  resume boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_integration ON sessions (integration_id);

CREATE TABLE replays (
  id text PRIMARY KEY,
  integration_id text NOT NULL REFERENCES integrations ON DELETE CASCADE,
  state text,
  from_at timestamptz,
  to_at timestamptz,
  total integer NOT NULL DEFAULT 0,
  done integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  cancelled_at timestamptz
);

CREATE TABLE idempotency_keys (
  key_hash bytea PRIMARY KEY,
  request_hash bytea NOT NULL,
  -- Null while the first request is under way.
  status integer,
  -- Sealed: it may hold a secret that is shown once.
  answer bytea,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- How each of a person's connections is, in one statement.
CREATE VIEW connector_health AS
SELECT i.id AS integration_id, i.user_id, i.name, i.provider, i.status, i.status_since,
       i.reason_code, i.reason_credential, i.reason_message,
       CASE WHEN c.dead > 0 THEN 'dead' WHEN c.degraded > 0 THEN 'degraded' ELSE 'healthy' END
         AS health,
       c.last_success_at, c.last_failure_at,
       (SELECT count(*) FROM deliveries d
         WHERE d.integration_id = i.id AND d.state = 'pending') AS pending
FROM integrations i
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE k.state IN ('dead', 'missing')) AS dead,
         count(*) FILTER (WHERE k.state = 'degraded') AS degraded,
         max(k.last_success_at) AS last_success_at,
         max(k.last_failure_at) AS last_failure_at
  FROM integration_credentials l JOIN credentials k ON k.id = l.credential_id
  WHERE l.integration_id = i.id
) c
WHERE i.deleted_at IS NULL;
