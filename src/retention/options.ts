import type { Pool } from '../db/pool';
import type { Logger } from '../lib/log';

export interface RetentionOptions {
  pool: Pool;
  retentionDays: number;
  auditRetentionDays: number;
  /** Bytes that one integration may keep. */
  keepLimitBytes: number;
  /** So many deliveries have expired. */
  onExpired?: ((provider: string, count: number) => void) | undefined;
  log: Logger;
  /** Ends it after the statement in flight. */
  signal: AbortSignal;
  /** Rows a statement. */
  batchSize: number;
  /** Between statements, at least: most of the time the database is left to those who wait for it. */
  pauseMs: number;
}
