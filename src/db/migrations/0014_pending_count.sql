-- Up Migration

-- How many of an integration's deliveries wait, and no more than so many: what it costs is bounded by that, not by how
-- much is kept. Planned as a bitmap it would read all of them first, which a table that was not analysed yet invites.
CREATE FUNCTION pending_up_to(integration text, most integer) RETURNS bigint
  LANGUAGE plpgsql STABLE
  SET enable_seqscan = off SET enable_bitmapscan = off
  AS $$
BEGIN
  RETURN (SELECT count(*) FROM (
    SELECT FROM deliveries
    WHERE integration_id = integration AND state = 'pending' LIMIT most) kept);
END
$$;
