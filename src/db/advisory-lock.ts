import type { Pool } from './pool';

/**
 * Runs `work` unless another process of this database is at it. A lock, for sparing work and not for being
 * right: should its connection be lost, somebody else may begin while `work` goes on.
 *
 * @returns false where somebody else has the lock
 */
export async function withAdvisoryLock(
  pool: Pool,
  lock: number,
  work: () => Promise<void>,
): Promise<boolean> {
  const keeper = await pool.connect();
  let broken = true;
  try {
    const { rows } = await keeper.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock($1::bigint) AS taken',
      [lock],
    );
    if (rows[0]?.taken !== true) {
      broken = false;
      return false;
    }
    await work();
    return true;
  } finally {
    broken &&= await keeper.query('SELECT pg_advisory_unlock($1::bigint)', [lock]).then(
      () => false,
      () => true,
    );
    // With a lock that nobody could take back, the connection must not live on.
    keeper.release(broken);
  }
}
