import { createSweepInbox, type SweepDeps } from '../../../activities/sweep/sweep';
import { createEnvelope } from '../../../src/crypto/envelope';
import type { Pool } from '../../../src/db/pool';
import { failingNoticeMs as usualFailingNoticeMs } from '../../../src/deliveries/policy';
import { createLog } from '../../../src/lib/log';
import { openRegistry } from '../../support/connections';
import { sealingKey } from '../../encryption/encrypted-rows';

/** What heals actors is tried on real servers: `test/system/operations/heal.test.ts`. */
export const nothingToHeal: SweepDeps['runs'] = {
  failing: () => Promise.resolve([]),
  endedSince: () => Promise.resolve({ runs: [], isAll: true }),
  current: () => Promise.resolve({ runId: null, state: 'going_on' }),
  end: () => Promise.resolve(),
  restoreAll: () => Promise.resolve(),
};

/** A sweep whose rings are written down as `kind of message id`. */
export function recordedSweep(
  pool: Pool,
  ring: (id: string) => Promise<void> = async () => {},
  {
    notifyUrl,
    failingNoticeMs = usualFailingNoticeMs,
    startComparison = () => Promise.resolve(),
    runs = {},
  }: {
    notifyUrl?: string;
    failingNoticeMs?: number;
    startComparison?: () => Promise<void>;
    runs?: Partial<SweepDeps['runs']>;
  } = {},
) {
  const rung: string[] = [];
  const lines: string[] = [];
  const as = (message: string) => (id: string) => {
    rung.push(`${message} ${id}`);
    return ring(id);
  };
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const deps: SweepDeps = {
    pool,
    actors: {
      ...{ lookAtIntegration: as('lookAtIntegration'), lookAtCredential: as('lookAtCredential') },
      ...{ noticeWaiting: as('noticeWaiting'), replayWaiting: as('replayWaiting') },
      ...{ integrationDeleted: as('integrationDeleted') },
      credentialDeleted: as('credentialDeleted'),
    },
    startComparison,
    registry: openRegistry({}),
    envelope: createEnvelope([sealingKey('k1')]),
    ...{ keepLimit: 100, keepLimitBytes: 100_000 },
    ...{ publicUrl: 'https://holdfast.test', notifyUrl, durations: { failingNoticeMs } },
    histories: {
      runsOf: () => Promise.resolve({ runs: [], isAll: true }),
      deleteRun: () => Promise.resolve(),
    },
    runs: { ...nothingToHeal, ...runs },
    log,
  };
  return { sweepInbox: createSweepInbox(deps), rung, lines, log };
}
