import { randomUUID } from 'node:crypto';
import type { Pool } from '../../db/pool';
import {
  addStoredBytes,
  type Reports,
  type Unreported,
} from '../../db/queries/deliveries/stored-bytes';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/log';

const everyMs = 1_000;
/** Reported at once: so much of an integration's limit, which other gateways don't know of. */
const shareAtOnce = 1 / 64;
const leastAtOnce = 1024 * 1024;
/** Of one statement, so that it holds no row for long. */
const maxIntegrations = 1_000;

/**
 * What this gateway stores for integrations, in bytes, added up and reported once a second. Their totals are not written
 * with the webhooks: all of one integration's would wait for one row.
 */
export interface StoredBytes {
  add(integrationId: string, bytes: number): void;
  /** What the total in Postgres lacks, unless a report's id is there already. */
  unreported(integrationId: string): Unreported;
  reports(): Reports;
  /** Settles once all that was added before is reported, or could not be: then it is tried again. */
  report(): Promise<void>;
  /** Reports what is left. */
  stop(): Promise<void>;
}

interface StoredBytesDeps {
  pool: Pool;
  config: { keepLimitBytes: number };
  log: Logger;
}

export function createStoredBytes({ pool, config, log }: StoredBytesDeps): StoredBytes {
  const atOnce = Math.max(leastAtOnce, config.keepLimitBytes * shareAtOnce);
  const waiting = new Map<string, number>();
  const underWay = new Map<string, number>();
  let reports = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let isFailing = false;
  let ids: Reports = { underWay: randomUUID(), next: randomUUID() };

  function add(integrationId: string, bytes: number): void {
    const sum = (waiting.get(integrationId) ?? 0) + bytes;
    waiting.set(integrationId, sum);
    // One that fails is tried again in its time.
    if (sum >= atOnce && underWay.size === 0 && !isFailing) void report();
    else timer ??= setTimeout(() => void report(), everyMs).unref();
  }

  function report(): Promise<void> {
    if (waiting.size > 0) reports = reports.then(reportSome);
    return reports;
  }

  async function reportSome(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    for (const [id, bytes] of waiting) underWay.set(id, bytes);
    waiting.clear();
    ids = { underWay: ids.next, next: randomUUID() };
    try {
      const sorted = [...underWay].sort(([a], [b]) => (a < b ? -1 : 1));
      for (let at = 0; at < sorted.length; at += maxIntegrations) {
        const some = sorted.slice(at, at + maxIntegrations);
        await addStoredBytes(pool, some, ids.underWay);
        for (const [id] of some) underWay.delete(id);
      }
      isFailing = false;
    } catch (error) {
      if (!isFailing)
        log.warn(
          { event: 'inbox.bytes_not_reported', err: messageOf(error) },
          'Stored bytes could not be reported',
        );
      isFailing = true;
      const left = [...underWay];
      underWay.clear();
      for (const [id, bytes] of left) add(id, bytes);
    }
  }

  return {
    add,
    unreported: (id) => ({ waiting: waiting.get(id) ?? 0, underWay: underWay.get(id) ?? 0 }),
    reports: () => ids,
    report,
    stop: async () => {
      await report();
      clearTimeout(timer);
    },
  };
}
