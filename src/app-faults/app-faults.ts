import type { Pool } from '../db/pool';
import {
  hasAppFault,
  type HastenedCredential,
  hastenOneEach,
  hastenRetries,
  noteAppFault,
  takeAppFault,
} from '../db/queries/credentials/app-faults';
import { addNotification } from '../db/queries/notifications/outbox';
import { inTransaction } from '../db/transaction';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import { commonTable } from '../oauth/refresh-error-table';
import { errorsOf } from '../providers/provider';
import type { Registry } from '../providers/registry';
import type { Actors } from '../temporal/actors';
import { signalPaced } from '../temporal/paced-signals';
import { appFaultNotification } from './notification';

interface AppFaultDeps {
  pool: Pool;
  registry: Registry;
  actors: Pick<Actors, 'lookAtCredential' | 'noticeWaiting'>;
  /** Whether anybody is told. */
  notifyUrl: string | undefined;
  log: Logger;
}

/** A provider that refuses the application itself: the operator's business, and no user's. */
export interface AppFaults {
  /** Alerts the operator, once until the provider has taken the application for an hour. */
  report(provider: string, code: string): Promise<void>;
  /** The provider took the application: whatever waited for that is tried soon. */
  clear(provider: string): Promise<void>;
  /** Tries one credential of every refused provider: a secret that was corrected shows at once. */
  tryAgain(): Promise<void>;
}

/** How many actors are told that they may try, paced; the sweep signals the others. */
const mostSignalled = 200;

export function createAppFaults({
  pool,
  registry,
  actors,
  notifyUrl,
  log,
}: AppFaultDeps): AppFaults {
  const codes = appFaultCodes(registry);

  /** It never fails: the rows are the record, and the sweep signals for what they say. */
  async function tell<To>(all: readonly To[], message: (to: To) => Promise<void>): Promise<void> {
    const [failure] = await signalPaced(all, message);
    if (failure === undefined) return;
    log.warn({ err: messageOf(failure) }, 'an actor could not be told; the sweep will do it');
  }

  const signal = (credentials: HastenedCredential[]) =>
    tell(credentials.slice(0, mostSignalled), ({ id, version }) =>
      actors.lookAtCredential(id, version, 'hastened'),
    );

  return {
    report: async (provider, code) => {
      const noted = await inTransaction(pool, async (client) => {
        const news = await noteAppFault(client, provider, code);
        if (news?.kind === 'began' && notifyUrl !== undefined) {
          await addNotification(
            client,
            appFaultNotification({ provider, code, since: news.since }),
          );
        }
        return news;
      });
      if (noted?.kind === 'began') {
        log.error(
          { provider, code },
          "the provider refuses this application: check its client id and secret; no user's status changes",
        );
        if (notifyUrl !== undefined)
          await tell([`app:${provider}`], (stream) => actors.noticeWaiting(stream));
      } else if (noted?.wasTold === true) {
        const { since } = noted;
        log.warn({ provider, code, since }, 'the provider refuses this application once more');
      }
    },

    clear: async (provider) => {
      if (!(await hasAppFault(pool, provider))) return;
      const taken = await inTransaction(pool, async (client) => {
        const fault = await takeAppFault(client, provider);
        if (fault?.hasten !== true) return null;
        const hastened = await hastenRetries(client, provider, [...codes, fault.code]);
        return { hastened, since: fault.since };
      });
      if (taken === null) return;
      const { hastened, since } = taken;
      log.info(
        { provider, since, credentials: hastened.length },
        'the provider takes this application again; what waited for that is tried soon',
      );
      await signal(hastened);
    },

    tryAgain: async () => {
      const hastened = await hastenOneEach(pool, codes);
      for (const { provider, id } of hastened) {
        log.info(
          { provider, credentialId: id },
          'asking whether the provider takes this application',
        );
      }
      await signal(hastened);
    },
  };
}

/** The codes under which credentials wait for the application's own fault to be mended. */
function appFaultCodes(registry: Registry): string[] {
  const common = commonTable.flatMap(({ verdict, errors = [] }) =>
    verdict === 'app' ? errors : [],
  );
  const own = registry
    .names()
    .flatMap((name) => registry.get(name)?.refreshErrors ?? [])
    .flatMap((rule) => (rule.means === 'app' ? errorsOf(rule) : []));
  return [...new Set([...common, ...own])];
}
