import { expireDeliveries, overdueIntegrations } from '../db/queries/deliveries/expire';
import { messageOf } from '../lib/errors';
import { pause } from '../lib/timing';
import type { RetentionOptions } from './options';

/** Integrations that one statement steps through. */
const pageSize = 500;

/**
 * Goes once through all integrations that keep something, and lets expire what they have kept for longer than the
 * retention time: visibly, as `expired`, without its body. An integration that is being drained is left for the next
 * time, and one that fails keeps no other from its turn.
 */
export async function expireKept(options: RetentionOptions): Promise<void> {
  const { pool, retentionDays, log, signal, pauseMs } = options;
  let after: string | null = '';
  while (after !== null && !signal.aborted) {
    const page = await overdueIntegrations(pool, { after, retentionDays, limit: pageSize });
    for (const integrationId of page.ids) {
      await expireOf(integrationId, options).catch((error: unknown) => {
        log.warn(
          { event: 'retention.expiry_failed', integrationId, err: messageOf(error) },
          'Old deliveries could not expire',
        );
      });
    }
    after = page.after;
    if (after !== null) await pause(pauseMs, signal);
  }
}

async function expireOf(integrationId: string, options: RetentionOptions): Promise<void> {
  const { pool, retentionDays, batchSize, onExpired, log, signal, pauseMs } = options;
  let expired = 0;
  try {
    while (!signal.aborted) {
      const limit = batchSize;
      const some = await expireDeliveries(pool, integrationId, { retentionDays, limit });
      if (some === null) return;
      expired += some.count;
      if (some.count > 0) onExpired?.(some.provider, some.count);
      if (some.count < limit) return;
      await pause(pauseMs, signal);
    }
  } finally {
    if (expired > 0)
      log.warn(
        { event: 'delivery.expired', integrationId, expired, retentionDays },
        'Deliveries expired: they were parked for longer than HOLDFAST_RETENTION_DAYS',
      );
  }
}
