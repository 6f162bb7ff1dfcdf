-- Up Migration

-- The sweep: who may have something to handle, and whose status has to be another one.
CREATE INDEX integrations_enabled ON integrations (id) INCLUDE (user_id)
  WHERE status = 'ENABLED' AND deleted_at IS NULL;
CREATE INDEX credentials_dead ON credentials (id) INCLUDE (code)
  WHERE state IN ('dead', 'missing');

-- The sweep: whose time has come.
DROP INDEX credentials_due;
CREATE INDEX credentials_due ON credentials ((coalesce(retry_at, refresh_at)))
  WHERE state IN ('alive', 'degraded');
CREATE INDEX credentials_unprobed ON credentials (provider)
  WHERE probe_at IS NULL AND state IN ('alive', 'degraded');
CREATE INDEX notices_due ON notices (next_attempt_at) WHERE ended_at IS NULL;

-- A delivery that was set aside is pending once more since then: a redelivery, a replay. Its time of
-- receipt says nothing about how long it has been kept. Null, as for every other row, costs the insert nothing.
ALTER TABLE deliveries ADD COLUMN requeued_at timestamptz;

-- A transition's end is the beginning of the next one; the newest has none.
ALTER TABLE transitions ADD COLUMN ended_at timestamptz;
UPDATE transitions t SET ended_at = n.at FROM transitions n
WHERE n.integration_id = t.integration_id AND n.number = t.number + 1;

-- Retention: what has reached its end, the oldest end first. Deliveries and replays have theirs.
CREATE INDEX transitions_ended ON transitions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX notices_ended ON notices (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX rejections_at ON rejections (at);
