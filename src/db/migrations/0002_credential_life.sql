-- Up Migration

ALTER TABLE credentials
  DROP COLUMN on_trial,
  -- The version that a refresh brought which was made only because the API had refused the one before.
  ADD COLUMN forced_version integer,
  -- How many such refreshes there were in the hour that began at forced_since.
  ADD COLUMN forced_count integer NOT NULL DEFAULT 0,
  ADD COLUMN forced_since timestamptz,
  -- A streak of refusals by the API that no refresh helps against: since when (refused_since), the last
  -- one, how many, and until when nobody needs to try again.
  ADD COLUMN refused_at timestamptz,
  ADD COLUMN refused_until timestamptz,
  ADD COLUMN refusals integer NOT NULL DEFAULT 0,
  -- When the notice of this or an earlier degraded time was written.
  ADD COLUMN degraded_noticed_at timestamptz;

CREATE INDEX credentials_probe ON credentials (probe_at) WHERE state IN ('alive', 'degraded');
