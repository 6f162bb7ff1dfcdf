import type { EncryptionKey } from '../crypto/envelope';
import type { Pool } from '../db/pool';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import { pause } from '../lib/timing';
import { adoptKeys } from './adopt-keys';
import { SealingKeyError } from './encryption-key-error';

export interface KeyCheck {
  readonly outcome: Promise<'fit' | 'stopped' | SealingKeyError>;
  /** Settles only where the database came later than this process, and the keys don't fit it. */
  readonly failed: Promise<SealingKeyError>;
  stop(): Promise<void>;
}

const againMs = 2_000;

/**
 * Checks the keys before anything is sealed or opened. A database that is away or has no tables yet doesn't
 * stop a start: it is asked again until it can tell.
 *
 * @throws SealingKeyError where the keys don't fit
 */
export async function checkKeysAtStart(
  pool: Pool,
  keys: readonly EncryptionKey[],
  log: Logger,
): Promise<KeyCheck> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const first = await attempt(pool, keys);
  const outcome = first === 'fit' ? Promise.resolve(first) : goOn(first);

  async function goOn(cannotTell: Error) {
    log.warn({ err: cannotTell.message }, 'the keys of HOLDFAST_KEYS can not be checked yet');
    for (;;) {
      await pause(againMs, signal);
      if (signal.aborted) return 'stopped';
      try {
        if ((await attempt(pool, keys)) === 'fit') return 'fit';
      } catch (error) {
        return error as SealingKeyError;
      }
    }
  }

  return {
    outcome,
    failed: new Promise((resolve) => {
      void outcome.then((end) => {
        if (end instanceof SealingKeyError) resolve(end);
      });
    }),
    stop: async () => {
      stopping.abort();
      await outcome;
    },
  };
}

/** @returns an error where nobody can tell at the moment */
async function attempt(pool: Pool, keys: readonly EncryptionKey[]): Promise<'fit' | Error> {
  try {
    await adoptKeys(pool, keys);
    return 'fit';
  } catch (error) {
    if (error instanceof SealingKeyError) throw error;
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}
