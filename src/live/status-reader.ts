import type { Pool } from '../db/pool';
import { countPending } from '../db/queries/deliveries/pending-count';
import {
  type ConnectorRow,
  type PersonStatusRow,
  readPersonStatuses,
} from '../db/queries/people/status';
import type { Logger } from '../lib/log';
import { createPendingCounts } from './pending-counts';
import { type PersonStatus, personStatus, type StatusOptions } from './person-status';

/** So many of an integration's deliveries are counted at every look. */
const smallInbox = 200;
/** And so many, now and then, of a larger one. More are shown as this many. */
const largeInbox = 100_000;

/** Reads several people's status at once. Whoever nobody knows has no connections. */
export type StatusReader = (userIds: readonly string[]) => Promise<Map<string, PersonStatus>>;

export function createStatusReader(pool: Pool, log: Logger, options: StatusOptions): StatusReader {
  const large = createPendingCounts((id) => countPending(pool, id, largeInbox), log);

  const pendingOf = ({ integrationId, pending }: ConnectorRow): number =>
    pending <= smallInbox ? pending : Math.max(large.of(integrationId) ?? 0, pending);

  return async (userIds) => {
    const rows = await readPersonStatuses(pool, userIds, smallInbox + 1);
    await large.refresh(
      rows
        .filter((row) => row.integrationId !== null)
        .filter(({ pending }) => pending > smallInbox)
        .map(({ integrationId }) => integrationId),
    );
    const byUser = new Map<string, PersonStatusRow[]>(userIds.map((id) => [id, []]));
    for (const row of rows) byUser.get(row.userId)?.push(row);
    return new Map([...byUser].map(([id, own]) => [id, personStatus(id, own, pendingOf, options)]));
  };
}
