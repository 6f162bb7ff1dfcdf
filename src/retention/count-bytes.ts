import { countStoredBytes, listUncounted } from '../db/queries/deliveries/stored-bytes';
import { messageOf } from '../lib/errors';
import { pause } from '../lib/timing';
import type { RetentionOptions } from './options';

const pageSize = 500;

/**
 * Counts what is stored for integrations whose bytes nobody has counted yet, or not for long: totals that gateways
 * report go wrong by what a crash loses. One that fails is left for the next time.
 */
export async function countBytes(options: RetentionOptions): Promise<void> {
  const { pool, keepLimitBytes, log, signal } = options;
  const looked = new Set<string>();
  const half = Math.floor(keepLimitBytes / 2);
  for (;;) {
    const page = await listUncounted(pool, { half, limit: looked.size + pageSize });
    const ids = page.filter((id) => !looked.has(id));
    if (ids.length === 0) return;
    for (const integrationId of ids) {
      if (signal.aborted) return;
      looked.add(integrationId);
      const startedAt = performance.now();
      await countStoredBytes(pool, integrationId).catch((error: unknown) => {
        log.warn(
          { event: 'retention.bytes_uncounted', integrationId, err: messageOf(error) },
          'Stored bytes could not be counted',
        );
      });
      await pause(performance.now() - startedAt, signal);
    }
  }
}
