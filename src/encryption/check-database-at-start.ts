import type { EncryptionKey } from '../crypto/envelope';
import { ConfigError } from '../config';
import type { Pool } from '../db/pool';
import { refuseSharedSessions } from '../db/pooler';
import { readCurrentRole, roleFault } from '../db/roles';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import { pause } from '../lib/timing';
import { adoptKeys } from './adopt-keys';

export interface DatabaseCheck {
  readonly outcome: Promise<'fit' | 'stopped' | ConfigError>;
  /** Settles only where the database came later than this process, and can't be used like this. */
  readonly failed: Promise<ConfigError>;
  stop(): Promise<void>;
}

const againMs = 2_000;

/**
 * Checks the way to the database, and that the keys fit it, before anything is sealed or opened. A database that is away
 * or has no tables yet doesn't stop a start: it is asked again until it can tell.
 *
 * @throws SealingKeyError where the keys don't fit
 * @throws PoolerError where a pooler hands sessions on
 */
export async function checkDatabaseAtStart(
  pool: Pool,
  keys: readonly EncryptionKey[],
  log: Logger,
): Promise<DatabaseCheck> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const first = await attempt(pool, keys);
  const outcome = first === 'fit' ? Promise.resolve(first) : goOn(first);

  async function goOn(cannotTell: Error) {
    log.warn(
      { event: 'keys.unchecked', err: cannotTell.message },
      'The database and the keys of HOLDFAST_KEYS can not be checked yet',
    );
    for (;;) {
      await pause(againMs, signal);
      if (signal.aborted) return 'stopped';
      try {
        if ((await attempt(pool, keys)) === 'fit') return 'fit';
      } catch (error) {
        return error as ConfigError;
      }
    }
  }

  void outcome.then((end) => (end === 'fit' ? sayRole(pool, log) : undefined));
  return {
    outcome,
    failed: new Promise((resolve) => {
      void outcome.then((end) => {
        if (end instanceof ConfigError) resolve(end);
      });
    }),
    stop: async () => {
      stopping.abort();
      await outcome;
    },
  };
}

/** What a role lacks would fail request by request. */
async function sayRole(pool: Pool, log: Logger): Promise<void> {
  try {
    const role = await readCurrentRole(pool);
    if (role === undefined) return;
    const { name, mayChangeSchema } = role;
    const fault = roleFault(role);
    if (fault !== undefined)
      log.error(
        { event: 'postgres.role_lacks_rights', role: name, fault },
        'The role lacks rights',
      );
    else
      log.info(
        { event: 'postgres.connected', role: name, mayChangeSchema },
        'Connected to Postgres',
      );
  } catch (error) {
    log.debug(
      { event: 'postgres.role_unread', err: messageOf(error) },
      'The role can not be looked at',
    );
  }
}

/** @returns an error where nobody can tell at the moment */
async function attempt(pool: Pool, keys: readonly EncryptionKey[]): Promise<'fit' | Error> {
  try {
    await refuseSharedSessions(pool);
    await adoptKeys(pool, keys);
    return 'fit';
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}
