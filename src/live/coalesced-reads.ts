import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import type { PersonStatus } from './person-status';
import type { StatusReader } from './status-reader';

const maxUsers = 500;
const retryMs = 500;

export interface CoalescedReads {
  /**
   * Reads this person's status with the next statement, which begins later than this call.
   * @param again tells it also where it is what it was
   */
  ask(userIds: Iterable<string>, again?: boolean): void;
  /** Since when, on the monotonic clock, nothing is known: a read is under way, or the last one failed. */
  unknownSince(): number | null;
  stop(): void;
}

/** However many change at once: one statement at a time, for all that changed since the one before began. */
export function createCoalescedReads({
  read,
  tell,
  log,
}: {
  read: StatusReader;
  tell: (status: PersonStatus, again: boolean) => void;
  log: Logger;
}): CoalescedReads {
  /** By user: whether they are told in any case. */
  const asked = new Map<string, boolean>();
  let isRunning = false;
  const stopped = new AbortController();
  const isStopped = () => stopped.signal.aborted;
  let since: number | null = null;
  let timer: NodeJS.Timeout | undefined;

  const put = (userId: string, again: boolean) =>
    asked.set(userId, again || asked.get(userId) === true);

  async function run(): Promise<void> {
    isRunning = true;
    while (asked.size > 0 && !isStopped()) {
      const batch = [...asked].slice(0, maxUsers);
      for (const [userId] of batch) asked.delete(userId);
      since ??= performance.now();
      try {
        const statuses = await read(batch.map(([userId]) => userId));
        since = null;
        for (const [userId, again] of batch) {
          const status = statuses.get(userId);
          if (status !== undefined && !isStopped()) tell(status, again);
        }
      } catch (error) {
        log.warn(
          { event: 'people.status_unread', err: messageOf(error) },
          "People's status can not be read",
        );
        for (const [userId, again] of batch) put(userId, again);
        timer = setTimeout(() => void run(), retryMs);
        return;
      }
    }
    isRunning = false;
  }

  return {
    ask: (userIds, again = false) => {
      for (const userId of userIds) put(userId, again);
      if (!isRunning) void run();
    },
    unknownSince: () => since,
    stop: () => {
      stopped.abort();
      clearTimeout(timer);
    },
  };
}
