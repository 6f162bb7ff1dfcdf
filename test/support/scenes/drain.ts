import { randomBytes } from 'node:crypto';
import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { type Admission, createAdmission } from '../../../activities/drain/admission';
import { createBodyRoom } from '../../../activities/drain/body-room';
import { createDrainInbox } from '../../../activities/drain/drain-inbox';
import {
  type BodyLimits,
  usualBodyLimits,
  usualDrainLimits,
} from '../../../activities/drain/limits';
import { createEnvelope } from '../../../src/crypto/envelope';
import type { Pool } from '../../../src/db/pool';
import { createHandlerRegistry } from '../../../src/handlers/registry';
import { createLog } from '../../../src/lib/log';
import type { Handler, ProviderDeclaration } from '../../../src/providers/provider';
import { openOutgoing, openRegistry } from '../connections';

interface DrainSceneOptions {
  /** The handler "ours". */
  handler: Handler;
  providers?: Record<string, ProviderDeclaration>;
  admission?: Admission;
  bodyLimits?: BodyLimits;
  stopping?: boolean;
}

/** Drains as a worker runs them. `tryNumber`: Temporal's, from 1. */
export function createDrains(pool: Pool, options: DrainSceneOptions) {
  const { handler, providers = {}, bodyLimits = usualBodyLimits } = options;
  const unused = () => Promise.reject(new Error('not to be asked'));
  const stop = new AbortController();
  if (options.stopping === true) stop.abort();
  const drainInbox = createDrainInbox({
    pool,
    envelope: createEnvelope([{ id: 'k1', key: randomBytes(32) }]),
    registry: openRegistry({ providers }),
    handlers: createHandlerRegistry({ ours: handler }),
    actors: { refresh: unused, noticeWaiting: unused },
    publicUrl: 'https://holdfast.test',
    installationId: () => Promise.resolve('own'),
    notifyUrl: undefined,
    durations: { retryDelaysMs: [1_000] },
    admission: options.admission ?? createAdmission(usualDrainLimits),
    bodyRoom: createBodyRoom(bodyLimits),
    dispatcher: openOutgoing.dispatcher,
    stopping: stop.signal,
    log: createLog('silent'),
  });
  return (integrationId: string, tryNumber = 1) => {
    const context = {
      cancellationSignal: new AbortController().signal,
      info: { attempt: tryNumber },
    } as unknown as Context;
    return asyncLocalStorage.run(context, () => drainInbox({ integrationId }));
  };
}
