import type { Pool } from '../../src/db/pool';
import { createLog } from '../../src/lib/log';
import { deleteOld } from '../../src/retention/delete-old';
import { expireKept } from '../../src/retention/expire-undelivered';

export const retentionDays = 30;
export const auditRetentionDays = 40;

/** A look of retention, without pauses. @returns what it logged, as JSON lines */
export async function retentionPass(pool: Pool, batchSize = 1_000): Promise<string[]> {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const { signal } = new AbortController();
  const keepLimitBytes = 2 ** 30;
  const options = {
    ...{ pool, retentionDays, auditRetentionDays, keepLimitBytes },
    ...{ log, signal, batchSize, pauseMs: 0 },
  };
  await expireKept(options);
  await deleteOld(options);
  return lines;
}

/** SQL for the moment so long ago that it is just past the retention time, or just within. */
export const past = `now() - interval '${retentionDays} days' - interval '1 minute'`;
export const within = `now() - interval '${retentionDays} days' + interval '1 minute'`;
