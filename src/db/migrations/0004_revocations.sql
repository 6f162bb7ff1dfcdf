-- Up Migration

-- The outbox of grants that are given back to their providers (RFC 7009): a deleted credential's tokens,
-- as they were sealed for its row, until the provider has taken them or three days have passed.
CREATE TABLE revocations (
  credential_id text PRIMARY KEY,
  user_id text NOT NULL,
  provider text NOT NULL,
  account_id text,
  parameters json,
  -- Of the tokens: a refresh that was under way may still bring newer ones.
  version integer NOT NULL,
  access_token bytea,
  refresh_token bytea,
  attempts integer NOT NULL DEFAULT 0,
  -- While a request is under way: when another one may begin.
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK (access_token IS NOT NULL OR refresh_token IS NOT NULL)
);
CREATE INDEX revocations_due ON revocations (next_attempt_at);

-- Actors whose row is gone: they have to end, and then their histories have to go. Nothing else says so,
-- since the row that they would be found by is gone.
CREATE TABLE deleted_actors (
  workflow_id text PRIMARY KEY,
  deleted_at timestamptz NOT NULL DEFAULT now(),
  look_at timestamptz NOT NULL DEFAULT now() + interval '5 seconds'
);
CREATE INDEX deleted_actors_due ON deleted_actors (look_at);

-- Whether another credential may hold the same grant.
CREATE INDEX credentials_user ON credentials (user_id, provider);
