import type { EncryptionKey } from '../crypto/envelope';
import { createEnvelope } from '../crypto/envelope';
import { withAdvisoryLock } from '../db/advisory-lock';
import type { Pool } from '../db/pool';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import { type Keeper, keepPassing } from '../lib/timing';
import { checkDatabaseAtStart } from './check-database-at-start';
import { createSealingLog } from './log';
import { sealAnew } from './reencrypt';
import { olderSealings } from './values-under-older-keys';

interface SealedAnewOptions {
  pool: Pool;
  keys: readonly EncryptionKey[];
  log: Logger;
  /** Milliseconds between two looks, each of a few steps in an index. Default 60,000. */
  everyMs?: number;
}

/** Once something was found there may be more: processes that aren't restarted yet use the older key. */
const soonMs = 5_000;
/** Of `pg_try_advisory_lock`: a number that nothing else uses. */
const lock = 4_201_733_019;

/**
 * Seals with the first key whatever is sealed with an older one, and looks again from time to time: during a
 * rolling restart, other processes go on with the older key. One process does it at a time; two at once
 * would only do the same work twice.
 */
export function keepSealedAnew({ pool, keys, log, everyMs = 60_000 }: SealedAnewOptions): Keeper {
  const envelope = createEnvelope(keys);
  const say = createSealingLog(log, keys[0]?.id ?? '');

  /** @returns whether it found something to do */
  async function look(signal: AbortSignal): Promise<boolean> {
    const { due, unknown, overtakenBy } = await olderSealings(pool, keys);
    if (overtakenBy !== undefined) say.overtaken(overtakenBy);
    unknown.forEach((sealing) => say.unknownKey(sealing));
    if (due.length === 0) return false;
    let found = false;
    await withAdvisoryLock(pool, lock, async () => {
      await say.begins(pool, due);
      const sum = await sealAnew(pool, due, {
        envelope,
        signal,
        progress: (sofar) => say.progress(sofar),
        unreadable: (value) => say.unreadable(value),
      });
      found = sum.sealed > 0;
      const left = await olderSealings(pool, keys);
      if (!signal.aborted) say.ends(sum, left);
    });
    return found;
  }

  return keepPassing(async (signal) => {
    const found = await look(signal).catch((error: unknown) => {
      log.warn(
        { event: 'reencryption.failed', err: messageOf(error) },
        'Values could not be encrypted with the first key of HOLDFAST_KEYS',
      );
      return false;
    });
    return found ? Math.min(soonMs, everyMs) : everyMs;
  });
}

/**
 * Checks the keys, and from then on keeps everything sealed with the first one.
 * @throws SealingKeyError where they don't fit the database
 */
export async function keepKeys(pool: Pool, keys: readonly EncryptionKey[], log: Logger) {
  const check = await checkDatabaseAtStart(pool, keys, log);
  const sealing = check.outcome.then((outcome) =>
    outcome === 'fit' ? keepSealedAnew({ pool, keys, log }) : null,
  );
  return {
    failed: check.failed,
    stop: async () => {
      await check.stop();
      await (await sealing)?.stop();
    },
  };
}
