import { noteAppFault } from '../src/db/queries/app-faults';
import { addNotice } from '../src/db/queries/notices';
import { inTransaction } from '../src/db/transaction';
import type { Pool } from '../src/db/pool';
import type { Actors } from '../src/temporal/actors';
import type { Logger } from '../src/log';

export interface AppFaultDeps {
  pool: Pool;
  actors: Pick<Actors, 'noticeWaiting'>;
  /** Whether anybody is told. */
  notifyUrl: string | undefined;
  log: Logger;
}

/** Alerts the operator, once until the provider takes the application again; people are left alone. */
export function createReportAppFault({ pool, actors, notifyUrl, log }: AppFaultDeps) {
  return async function reportAppFault(provider: string, code: string): Promise<void> {
    const stream = `app:${provider}`;
    const type = 'app.fault';
    const isNews = await inTransaction(pool, async (client) => {
      const news = await noteAppFault(client, provider, code);
      if (news && notifyUrl !== undefined) {
        const data = { provider, code };
        const payload = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
        await addNotice(client, { stream, integrationId: null, transition: null, type, payload });
      }
      return news;
    });
    if (!isNews) return;
    log.error(
      { provider, code },
      "the provider refuses this application: check its client id and secret; no user's status changes",
    );
    if (notifyUrl !== undefined) await actors.noticeWaiting(stream);
  };
}
