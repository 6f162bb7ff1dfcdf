import type { PoolClient } from 'pg';
import type { Registry } from 'prom-client';
import type { OperationSettings } from '../config/operations';
import { createPool } from '../db/pool';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import { type Keeper, keepPassing, waitAtMost } from '../lib/timing';
import { createSnapshotGauges, type SnapshotPart } from './snapshot-gauges';

export interface SnapshotOptions {
  databaseUrl: string;
  /** Of the process. */
  registry: Registry;
  config: Pick<OperationSettings, 'snapshotSeconds'>;
  /** @throws Error where it can't be told */
  isSweepPaused: () => Promise<boolean>;
  log: Logger;
}

/** Of `pg_try_advisory_lock`: a number that nothing else uses. */
const lock = 4_201_733_023;
/** A part that takes longer is left out, in milliseconds. */
const partMs = 2_000;
/** The same for Temporal's answer. */
const temporalMs = 2_000;

/**
 * The lock lasts as long as its session. Without these a host that vanishes would keep it for two hours; a minute is enough.
 * Postgres ignores them where the connection is no TCP.
 */
const keepAlive =
  'SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3';
/** The same of a process that stands still, whose host answers for it: it reads no more, and loses its session. */
const leastIdleMs = 60_000;
/** Before version 14 Postgres has no such setting. */
const limitIdle =
  "SELECT set_config(name, $1, false) FROM pg_settings WHERE name = 'idle_session_timeout'";

/**
 * Reads the gauges from Postgres again and again, in one of all processes that do this, until it is stopped: the others wait for the
 * lock, and show none of them. What is read goes over the connection that has the lock, so who shows them has it.
 */
export function createSnapshot(options: SnapshotOptions): Keeper {
  const { databaseUrl, registry, config, isSweepPaused, log } = options;
  const everyMs = config.snapshotSeconds * 1_000;
  const idleMs = Math.round(Math.max(4 * everyMs, leastIdleMs));
  const gauges = createSnapshotGauges(registry);
  // Of its own: it is never busy with anything else, and takes no place of what serves requests.
  const pool = createPool(databaseUrl, log, { max: 1, applicationName: 'holdfast snapshot' });
  /** What could not be read the last time. */
  const unread = new Set<string>();
  let holder: PoolClient | undefined;

  /** @returns undefined where another process has the lock @throws the database's error */
  async function takeLock(): Promise<PoolClient | undefined> {
    const client = await pool.connect();
    try {
      await client.query(keepAlive);
      const { rows } = await client.query<{ taken: boolean }>(
        'SELECT pg_try_advisory_lock($1::bigint) AS taken',
        [lock],
      );
      if (rows[0]?.taken === true) {
        await client.query(limitIdle, [String(idleMs)]);
        // Another process may take the lock from then on.
        client.once('end', () => giveUp(client));
        return client;
      }
      client.release();
      return undefined;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** Ends the session, and the lock with it. */
  function giveUp(client = holder): void {
    if (client === undefined || client !== holder) return;
    holder = undefined;
    client.release(true);
    dropAll();
  }

  function dropAll(): void {
    for (const part of gauges.parts) part.drop();
    gauges.showPaused(null);
    gauges.showTime(null);
  }

  function noteUnread(part: string, error: unknown): void {
    if (unread.has(part)) return;
    unread.add(part);
    log.warn(
      { event: 'metrics.not_read', part, err: messageOf(error) },
      'Gauges can not be read from Postgres, and are left out',
    );
  }

  /** @returns whether it was read @throws the database's error where the session is no longer good */
  async function readPart(client: PoolClient, part: SnapshotPart): Promise<boolean> {
    try {
      await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${partMs}`);
      await part.read(client);
      await client.query('COMMIT');
      unread.delete(part.name);
      return true;
    } catch (error) {
      await client.query('ROLLBACK');
      part.drop();
      noteUnread(part.name, error);
      return false;
    }
  }

  async function read(client: PoolClient): Promise<void> {
    const asked = isSweepPaused().catch(() => null);
    let isWhole = true;
    for (const part of gauges.parts) isWhole = (await readPart(client, part)) && isWhole;
    const isPaused = (await waitAtMost(asked, temporalMs)) ?? null;
    if (client !== holder) return;
    gauges.showPaused(isPaused);
    // Else it stands still, so that an alert sees what is missing.
    if (isWhole) gauges.showTime(Date.now() / 1_000);
  }

  const passes = keepPassing(async () => {
    const beganAt = performance.now();
    try {
      holder ??= await takeLock();
      if (holder !== undefined) await read(holder);
      unread.delete('all');
    } catch (error) {
      giveUp();
      // What had been read when the session ended was shown after that.
      dropAll();
      noteUnread('all', error);
    }
    return Math.max(everyMs - (performance.now() - beganAt), everyMs / 10);
  });

  return {
    stop: async () => {
      const stopped = passes.stop();
      giveUp();
      await stopped;
      giveUp();
      await pool.end();
    },
  };
}
