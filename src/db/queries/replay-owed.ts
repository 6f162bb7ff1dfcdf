/** Replays that go on in the background, and that nobody has looked at for longer than their workflow ever waits. */
export const owedReplaySql = `
  SELECT r.id, 0 AS version FROM replays r
  WHERE r.ended_at IS NULL AND r.fed_at < now() - interval '90 seconds' AND r.id > $1::text
  ORDER BY r.id LIMIT $2::int`;

/** All that have not ended. */
export const openReplaySql = `
  SELECT r.id, 0 AS version FROM replays r
  WHERE r.ended_at IS NULL AND r.id > $1::text ORDER BY r.id LIMIT $2::int`;
