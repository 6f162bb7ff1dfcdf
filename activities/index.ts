import type { DeliverDeps } from './drain-deps';
import { createDeliverNotices, type NoticeDeps } from './deliver-notices';
import { createDrainInbox } from './drain-inbox';
import { createInspectCredential } from './inspect-credential';
import { createInvalidateCredential } from './invalidate-credential';
import type { PresentDeps } from './present-token';
import { createRecordReason, createRecordTransition, type RecordDeps } from './record-transition';
import { createRefreshCredential } from './refresh-credential';
import { createSettle } from './settle';
import { createSweepInbox, type SweepDeps } from './sweep-inbox';

export type ActivityDeps = PresentDeps & RecordDeps & NoticeDeps & SweepDeps & DeliverDeps;

/** Everything that touches the world, by the task queue that it runs on. */
export function createActivities(deps: ActivityDeps) {
  return {
    main: {
      settle: createSettle(deps),
      recordTransition: createRecordTransition(deps),
      recordReason: createRecordReason(deps),
      inspectCredential: createInspectCredential(deps),
      invalidateCredential: createInvalidateCredential(deps),
      sweepInbox: createSweepInbox(deps),
    },
    refresh: { refreshCredential: createRefreshCredential(deps) },
    drain: { drainInbox: createDrainInbox(deps), deliverNotices: createDeliverNotices(deps) },
  };
}

type Queues = ReturnType<typeof createActivities>;
export type Activities = Queues['main'] & Queues['refresh'] & Queues['drain'];
