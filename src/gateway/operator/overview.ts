import type { Pool } from '../../db/pool';
import { pendingMigrations, schemaVersion } from '../../db/migrate';
import { readBacklog } from '../../db/queries/deliveries/backlog';
import {
  countDeadLetters,
  countedAtMost,
  countIntegrations,
  listBroken,
  listFailingDestinations,
  readDatabaseBytes,
  readStanding,
} from '../../db/queries/overview';
import { countActors } from '../../db/queries/sweep/healing';
import { readSweepState } from '../../db/queries/sweep/state';
import { inTransaction } from '../../db/transaction';
import type { Queryable } from '../../db/pool';
import { waitAtMost } from '../../lib/timing';
import { isSweepLate } from '../../temporal/sweep/health';
import type { Rows, Settings, SweepSchedule } from '../deps';

/** One part that takes longer is not known; the others are. In milliseconds. */
const partMs = 2_000;
const temporalMs = 500;

/** How everything is; what can't be told now is null. */
export type Overview = Awaited<ReturnType<typeof readOverview>>;

/** @throws the database's error where it doesn't answer */
export async function readOverview({
  pool,
  config,
  isSweepPaused,
}: Rows & Settings & SweepSchedule) {
  const asked = isSweepPaused().catch(() => null);
  const part = <T>(read: (db: Queryable) => Promise<T>) => readPart(pool, read);
  const integrations = await part(countIntegrations);
  const broken = await part(listBroken);
  const backlog = await part((db) => readBacklog(db, countedAtMost.others));
  const deadLetters = await part(countDeadLetters);
  const failing = await part(listFailingDestinations);
  const standing = await part(readStanding);
  const sweep = await part(readSweepState);
  const actors = await part(countActors);
  const schema = await part(async (db) => ({
    version: await schemaVersion(db),
    pending: (await pendingMigrations(db)).length,
  }));
  const bytes = await part(readDatabaseBytes);
  return {
    at: new Date().toISOString(),
    integrations: integrations ?? { ENABLED: null, DISABLED: null, ERROR: null },
    broken: broken?.map((row) => ({ ...row, oldestSince: row.oldestSince.toISOString() })) ?? null,
    deliveries: {
      due: backlog?.due ?? null,
      parked: backlog?.parked ?? null,
      deadLetters,
      oldestDueAt: time(backlog?.oldestDueAt),
    },
    failingDestinations:
      failing?.map((row) => ({ ...row, since: row.since.toISOString() })) ?? null,
    holds: standing?.holds ?? null,
    applicationFaults: standing?.applicationFaults ?? null,
    notifications: {
      waiting: standing?.notificationsWaiting ?? null,
      oldestAt: time(standing?.oldestNotificationAt),
    },
    sweep: {
      lastAt: time(sweep?.lastAt),
      late: sweep === null || sweep === undefined ? null : isSweepLate(sweep, config.sweepSeconds),
      paused: (await waitAtMost(asked, temporalMs)) ?? null,
    },
    actors: actors ?? { stuck: null, healedLastDay: null },
    schema: schema ?? { version: null, pending: null },
    database: { bytes },
  };
}

const time = (at: Date | null | undefined) => at?.toISOString() ?? null;

/** SQLSTATE query_canceled, undefined_table, undefined_column: too much, or of a schema that isn't there yet. */
const unknowable = ['57014', '42P01', '42703'];

/** @returns null where it can't be told */
async function readPart<T>(pool: Pool, read: (db: Queryable) => Promise<T>): Promise<T | null> {
  try {
    return await inTransaction(pool, async (db) => {
      await db.query(`SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = ${partMs}`);
      return read(db);
    });
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (unknowable.includes(String(code))) return null;
    throw error;
  }
}
