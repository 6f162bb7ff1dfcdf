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
import { whyNotTaken } from '../temporal/actor-errors';
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
    log.warn(
      { event: 'actor.not_signalled', err: whyNotTaken(failure) },
      'An actor could not be signalled; the sweep does it',
    );
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
          { event: 'application_fault.began', provider, code },
          "A provider rejects this application: check its client id and secret; no user's status changes",
        );
        if (notifyUrl !== undefined)
          await tell([`app:${provider}`], (stream) => actors.noticeWaiting(stream));
      } else if (noted?.wasTold === true) {
        const { since } = noted;
        log.warn(
          { event: 'application_fault.continues', provider, code, since },
          'A provider rejects this application once more',
        );
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
        { event: 'application_fault.ended', provider, since, credentials: hastened.length },
        'A provider accepts this application again',
      );
      await signal(hastened);
    },

    tryAgain: async () => {
      const hastened = await hastenOneEach(pool, codes);
      for (const { provider, id } of hastened) {
        log.info(
          { event: 'application_fault.asked', provider, credentialId: id },
          'A provider is asked whether it accepts this application',
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
