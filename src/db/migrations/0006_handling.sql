-- Up Migration

-- How an integration's deliveries are handled.
ALTER TABLE integrations
  -- 'none': as many at once as handling_concurrency says, in no order.
  ADD COLUMN handling_order text NOT NULL DEFAULT 'strict' CHECK (handling_order IN ('strict', 'none')),
  ADD COLUMN handling_concurrency integer NOT NULL DEFAULT 5
    CHECK (handling_concurrency BETWEEN 1 AND 20),
  ADD COLUMN max_attempts integer NOT NULL DEFAULT 8 CHECK (max_attempts BETWEEN 1 AND 20),
  -- How long one delivery may go on failing, its attempts and the pauses between them.
  ADD COLUMN give_up_after_seconds integer NOT NULL DEFAULT 3600
    CHECK (give_up_after_seconds BETWEEN 0 AND 3600);

-- The pause that was ordered after an attempt; null where none followed. With the durations it is what a delivery
-- has used up of its time: what passes while it may not be tried (ERROR, a hold, no token, no worker) is not its fault.
ALTER TABLE delivery_attempts ADD COLUMN delay_ms integer;

-- What waits, for handling without order: few rows, and none of them on the way of a webhook that is taken.
CREATE INDEX deliveries_waiting ON deliveries (integration_id, next_attempt_at)
  WHERE state = 'pending' AND next_attempt_at IS NOT NULL;
CREATE INDEX deliveries_waiting_for_token ON deliveries (integration_id)
  WHERE state = 'pending' AND waits_for_credential IS NOT NULL;

-- Troubles that people are told of once, at their beginning.
CREATE TABLE integration_episodes (
  integration_id text NOT NULL REFERENCES integrations ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('delivery_failed', 'inbox_full')),
  began_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (integration_id, kind)
);
