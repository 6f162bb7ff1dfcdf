import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import { exporterAddress } from './temporal-runtime';

/** It is the same process, and has all that it tells in memory. */
const timeoutMs = 500;

/**
 * @returns what reads, as text of Prometheus, what Temporal's library measures in this process; it is empty where that can't be
 *   told, which has one line until it can
 */
export function createTemporalMetrics(log: Logger): () => Promise<string> {
  let isFailing = false;
  return async () => {
    const address = exporterAddress();
    if (address === undefined) return '';
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const answer = await fetch(`http://${address}/metrics`, { signal });
      if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
      const text = await answer.text();
      isFailing = false;
      return text;
    } catch (error) {
      if (!isFailing)
        log.warn(
          { event: 'metrics.temporal_unread', err: messageOf(error) },
          "What Temporal's library measures can not be read",
        );
      isFailing = true;
      return '';
    }
  };
}
