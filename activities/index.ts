import type { DeliverDeps } from './drain-deps';
import { createDeliverNotices } from './deliver-notices';
import { createDrainInbox } from './drain-inbox';
import { createFeedReplay, type FeedDeps } from './feed-replay';
import { heartbeating } from './heartbeating';
import { createInspectCredential } from './inspect-credential';
import { createInvalidateCredential } from './invalidate-credential';
import { createNoticeDegraded } from './notice-degraded';
import type { PresentDeps } from './present-token';
import { createProbeCredential } from './probe-credential';
import { createRecordReason, createRecordTransition, type RecordDeps } from './record-transition';
import { createRefreshCredential } from './refresh-credential';
import { createRevokeGrant, type RevokeDeps } from './revoke-grant';
import type { NoticeDeps } from './send-notices';
import { createSettle } from './settle';
import { createSweepInbox, type SweepDeps, type SweepStep } from './sweep-inbox';

export type ActivityDeps = PresentDeps &
  RecordDeps &
  NoticeDeps &
  SweepDeps &
  DeliverDeps &
  RevokeDeps &
  FeedDeps;

/** Everything that touches the world, by the task queue that it runs on. */
export function createActivities(deps: ActivityDeps) {
  const deliverNotices = createDeliverNotices(deps);
  const sweepInbox = createSweepInbox(deps);
  return {
    main: {
      settle: createSettle(deps),
      recordTransition: createRecordTransition(deps),
      recordReason: createRecordReason(deps),
      inspectCredential: createInspectCredential(deps),
      invalidateCredential: createInvalidateCredential(deps),
      noticeDegraded: createNoticeDegraded(deps),
      // Until a lost one is noticed nothing else is swept.
      sweepInbox: (step: SweepStep) => heartbeating(() => sweepInbox(step)),
      feedReplay: createFeedReplay(deps),
    },
    refresh: {
      refreshCredential: createRefreshCredential(deps),
      probeCredential: createProbeCredential(deps),
      revokeGrant: createRevokeGrant(deps),
    },
    // An earlier release may have scheduled notices there.
    drain: { drainInbox: createDrainInbox(deps), deliverNotices },
    notices: { deliverNotices },
  };
}

type Queues = ReturnType<typeof createActivities>;
export type Activities = Queues['main'] & Queues['refresh'] & Queues['drain'];
