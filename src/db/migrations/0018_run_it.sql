-- Up Migration

-- Actors that were ended, or had ended, and were started anew from their rows: how often lately, and why.
CREATE TABLE actor_restarts (
  workflow_id text NOT NULL,
  -- The workflow's type.
  workflow text NOT NULL,
  cause text NOT NULL,
  -- The run that had ended, or was ended; null where Temporal knew of none.
  run_id text,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX actor_restarts_workflow ON actor_restarts (workflow_id, at);
CREATE INDEX actor_restarts_run ON actor_restarts (run_id);
CREATE INDEX actor_restarts_at ON actor_restarts (at);

-- Actors that can't go on: written when a sweep sees one, gone when it goes on.
CREATE TABLE stuck_actors (
  workflow_id text PRIMARY KEY,
  workflow text NOT NULL,
  cause text NOT NULL,
  -- It was started too often lately, and waits.
  given_up boolean NOT NULL DEFAULT false,
  since timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE sweep_state
  -- Until when ended actors were looked for.
  ADD COLUMN healed_at timestamptz,
  -- When what visibility shows was last compared with all rows.
  ADD COLUMN compared_at timestamptz,
  -- When that was last asked for; null once a comparison that began later has come to its end.
  ADD COLUMN compare_asked_at timestamptz,
  -- How many have come to their end. Temporal remembers it too: fewer than it remembers are rows of an earlier time.
  ADD COLUMN sweeps bigint NOT NULL DEFAULT 0,
  -- When such rows were seen, as after a restore, and from when to when they had gone back.
  ADD COLUMN went_back_at timestamptz,
  ADD COLUMN went_back_from timestamptz,
  ADD COLUMN went_back_to timestamptz;

-- The span of its acceptance, as W3C Trace Context writes it; null where nobody traces, or the span was not sampled. What is done with
-- the delivery links to it.
ALTER TABLE deliveries ADD COLUMN traceparent text;
