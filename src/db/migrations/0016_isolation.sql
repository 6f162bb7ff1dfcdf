-- Up Migration

-- What forwards name in `holdfast-via`, so that a request that comes back is known. Made once.
CREATE TABLE installation (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  id text NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', ''),
  -- Until when processes of the schema before may still write: for a day, where there were any.
  older_until timestamptz NOT NULL DEFAULT now(),
  -- Deliveries were once stored with their signatures. Up to which one, in the order of their ids, those are remembered in
  -- webhook_signatures; null once all are.
  signatures_known_to text DEFAULT ''
);
INSERT INTO installation (older_until)
SELECT now() + CASE WHEN EXISTS (SELECT FROM migrations WHERE run_on < now())
                    THEN interval '1 day' ELSE interval '0' END;

-- Where the same bytes are a repeat for some time: until when, since their first. What is past is deleted.
CREATE TABLE same_bodies (
  integration_id text NOT NULL REFERENCES integrations ON DELETE CASCADE,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  until timestamptz NOT NULL,
  PRIMARY KEY (integration_id, hash)
);
CREATE INDEX same_bodies_until ON same_bodies (until);

-- Where the account stands in a header that nobody signs: the account that a signature first came for. Both hashes are
-- keyed: the row outlives the account, whose name must not.
CREATE TABLE webhook_signatures (
  provider text NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  account_hash bytea NOT NULL CHECK (octet_length(account_hash) = 32),
  first_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider, hash)
);
CREATE INDEX webhook_signatures_age ON webhook_signatures (first_at);

-- Until when a drain was put off because its user's or its destination's share of the worker was full.
ALTER TABLE drain_leases ADD COLUMN put_off_until timestamptz;

-- Whether the provider named or confirmed a credential's account is known since migration 0015. Of a row from before it
-- can be told where there is a label: only OAuth answers brought one, and a row's account never changes.
UPDATE credentials SET account_proven = true
WHERE account_id IS NOT NULL AND account_label IS NOT NULL AND NOT account_proven;

-- Of the others from before nobody can tell. They don't count as proof, but neither does a newcomer's proof shut them out:
-- most of them are people who connected, and would lose their events to a colleague of the same account. The day is for
-- processes that were not replaced at once. A later proof, or the provider's word that it is another account, settles it.
ALTER TABLE credentials ADD COLUMN account_from_before boolean NOT NULL DEFAULT false;
UPDATE credentials SET account_from_before = true
WHERE account_id IS NOT NULL AND NOT account_proven AND NOT external
  AND created_at < (SELECT run_on + interval '1 day' FROM migrations
                    WHERE name = '0015_credential_truth');

-- Processes of the version before note no proof where they are given tokens, and take away the one that was there. A row's
-- account never changes, and what was proven once stays.
CREATE FUNCTION keep_account_proof() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.account_proven := true;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_account_proof BEFORE UPDATE OF account_proven ON credentials FOR EACH ROW
WHEN (OLD.account_proven AND NOT NEW.account_proven AND NEW.account_id = OLD.account_id)
EXECUTE FUNCTION keep_account_proof();

-- Bytes of the key that a secret makes; null for older ones.
ALTER TABLE integration_secrets ADD COLUMN length integer;

-- Bytes of the bodies and headers that are stored for an integration, as far as gateways have reported what they stored.
-- No row, or no counted_at: what was stored before is not in it yet. Workers count it.
CREATE TABLE stored_bytes (
  integration_id text PRIMARY KEY REFERENCES integrations ON DELETE CASCADE,
  bytes bigint NOT NULL,
  counted_at timestamptz,
  -- What was reported last: its gateway knows then that it is in.
  last_report uuid,
  -- Of what was received before, no ended delivery has a body that could be dropped; those that ended late are found by
  -- the next count.
  dropped_to timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);

-- Rejections of one integration (or of one provider and account) for one reason from one source are one row: noise, however
-- much, wipes no evidence. `at` is the last one's time; `first_at` is null where it is the only one. Older processes still
-- add a row for each, without a hash. Without a source: the sum of further sources.
ALTER TABLE rejections
  ADD COLUMN hash bytea CHECK (octet_length(hash) = 32),
  ADD COLUMN count bigint NOT NULL DEFAULT 1,
  ADD COLUMN first_at timestamptz;
CREATE UNIQUE INDEX rejections_hash ON rejections (hash);
