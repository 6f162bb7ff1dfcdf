-- Up Migration

ALTER TABLE replays
  -- Of a replay of one delivery. It may be gone before the replay's row is.
  ADD COLUMN delivery_id text,
  -- Which it chooses from; `state` is what was asked for.
  ADD COLUMN states text[] NOT NULL DEFAULT '{failed}',
  -- It has come as far as this in (received_at, id), and ends before until_at.
  ADD COLUMN cursor_at timestamptz NOT NULL DEFAULT '-infinity',
  ADD COLUMN cursor_id text NOT NULL DEFAULT '',
  ADD COLUMN until_at timestamptz NOT NULL DEFAULT now(),
  -- The integration's when the replay was asked for: a later one to DISABLED ends it.
  ADD COLUMN transition integer NOT NULL DEFAULT 0,
  -- Its workflow was started, or may have been.
  ADD COLUMN in_background boolean NOT NULL DEFAULT true,
  -- When it was last looked at; the sweep finds those that nobody looks at.
  ADD COLUMN fed_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN end_reason text
    CHECK (end_reason IN ('completed', 'cancelled', 'integration_disabled')),
  ADD CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
  ADD CHECK ((cancelled_at IS NOT NULL) = coalesce(end_reason = 'cancelled', false));

CREATE INDEX replays_page ON replays (integration_id, created_at DESC, id DESC);
CREATE INDEX replays_open ON replays (id) WHERE ended_at IS NULL;
