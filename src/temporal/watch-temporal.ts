import type { Client } from '@temporalio/client';
import type { Logger } from '../lib/log';
import { type ServerWatch, watchServer } from '../lib/watch-server';

export const pingTimeoutMs = 2_000;

/** @throws Error where Temporal doesn't answer */
export async function pingTemporal(client: Client): Promise<void> {
  await client.withDeadline(Date.now() + pingTimeoutMs, () =>
    client.workflowService.getSystemInfo({}),
  );
}

/** @param everyMs how long after an answer, or the lack of one, it is asked again */
export function watchTemporal(
  log: Logger,
  ask: () => Promise<void>,
  everyMs?: number,
): ServerWatch {
  return watchServer({
    ...{ server: 'temporal', log, ask },
    ...(everyMs === undefined ? {} : { everyMs }),
    unreachable: (line) =>
      log.error(
        { event: 'temporal.unreachable', ...line },
        'Temporal is unreachable: webhooks are stored, and handled once it is back',
      ),
    recovered: (line) =>
      log.info({ event: 'temporal.recovered', ...line }, 'Temporal is reachable again'),
  });
}
