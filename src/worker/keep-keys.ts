import type { SealingKey } from '../config';
import type { Pool } from '../db/pool';
import type { Logger } from '../lib/log';
import { checkKeysAtStart } from '../encryption/check-keys-at-start';
import { keepSealedAnew } from '../encryption/run';

/**
 * Checks the keys, and from then on keeps everything sealed with the first one.
 * @throws SealingKeyError where they don't fit the database
 */
export async function keepKeys(pool: Pool, keys: readonly SealingKey[], log: Logger) {
  const check = await checkKeysAtStart(pool, keys, log);
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
