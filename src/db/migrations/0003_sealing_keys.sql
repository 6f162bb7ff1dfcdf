-- Up Migration

-- The id of the key that a value is sealed with (its form: src/crypto/envelope.ts); empty where the bytes
-- have another form. It has to take any bytes: a damaged value must not stop an index from being built.
CREATE FUNCTION sealed_key(sealed bytea) RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$
    SELECT CASE
      WHEN sealed IS NULL THEN NULL
      WHEN octet_length(sealed) > 2 AND get_byte(sealed, 0) = 1
        THEN substring(sealed FROM 3 FOR get_byte(sealed, 1))
      ELSE ''::bytea
    END
  $$;

-- Which keys are in use, and which values one of them seals, without a look at every row.
CREATE INDEX credentials_access_token_key ON credentials (sealed_key(access_token), id)
  WHERE access_token IS NOT NULL;
CREATE INDEX credentials_refresh_token_key ON credentials (sealed_key(refresh_token), id)
  WHERE refresh_token IS NOT NULL;
CREATE INDEX integration_secrets_secret_key ON integration_secrets (sealed_key(secret), id)
  WHERE secret IS NOT NULL;
CREATE INDEX oauth_states_code_verifier_key ON oauth_states (sealed_key(code_verifier), state_hash)
  WHERE code_verifier IS NOT NULL;
CREATE INDEX idempotency_keys_answer_key ON idempotency_keys (sealed_key(answer), key_hash)
  WHERE answer IS NOT NULL;

CREATE TABLE sealing_keys (
  id text PRIMARY KEY,
  -- In the order in which the keys came first in HOLDFAST_KEYS: values are sealed anew with the newest only,
  -- so that two processes with different orders never undo each other's work.
  number integer GENERATED ALWAYS AS IDENTITY UNIQUE,
  -- A text that everybody knows, sealed with the key: it opens with the same 32 bytes and no others.
  known_text bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
