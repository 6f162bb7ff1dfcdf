-- Up Migration

-- As for every sealed column: which values which key seals.
CREATE INDEX revocations_access_token_key
  ON revocations (sealed_key(access_token), credential_id) WHERE access_token IS NOT NULL;
CREATE INDEX revocations_refresh_token_key
  ON revocations (sealed_key(refresh_token), credential_id) WHERE refresh_token IS NOT NULL;
