import type { ReplayRow } from '../../db/queries/replays/list';

/** A replay, and how far it came. Dates become RFC 3339 in UTC when they are written. */
export function replayView(row: ReplayRow) {
  const { id, integrationId, deliveryId, state, from, to, count, done } = row;
  const { createdAt, endedAt, endReason, cancelledAt } = row;
  return {
    ...{ id, integrationId, deliveryId, state, from, to, count, done },
    ...{ createdAt, endedAt, endReason, cancelledAt },
  };
}
