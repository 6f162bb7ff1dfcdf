-- Up Migration

ALTER TABLE notices
  -- An attempt is under way, until then at the latest: nobody knows whether it arrives.
  ADD COLUMN claimed_until timestamptz,
  -- Some attempt ended without the receiver's word.
  ADD COLUMN may_have_arrived boolean NOT NULL DEFAULT false,
  ADD COLUMN outcome text
    CHECK (outcome IN ('delivered', 'refused', 'given_up', 'skipped', 'not_configured'));
UPDATE notices SET outcome = CASE WHEN delivered THEN 'delivered' ELSE 'given_up' END
WHERE ended_at IS NOT NULL;
UPDATE notices SET may_have_arrived = true WHERE ended_at IS NULL AND attempts > 0;
ALTER TABLE notices
  DROP COLUMN delivered,
  ADD CONSTRAINT notices_end_has_outcome CHECK ((outcome IS NULL) = (ended_at IS NULL));

ALTER TABLE app_faults
  -- Since when the provider takes the application again; one that lasts ends the fault.
  ADD COLUMN taken_at timestamptz,
  -- When what waited for that was last told to try.
  ADD COLUMN hastened_at timestamptz;
