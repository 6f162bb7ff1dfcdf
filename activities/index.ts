import type { DrainDeps } from './drain/deps';
import { createDrainInbox } from './drain/drain-inbox';
import { createFeedReplay, type FeedDeps } from './replay/feed';
import { createInspectCredential } from './credential/inspect';
import { createNoticeDegraded } from './notifications/credential-notifications';
import { createProbeCredential } from './credential/probe';
import { createRefreshCredential } from './credential/refresh';
import { createRevokeGrant, type RevokeDeps } from './credential/revoke-grant';
import { createDeliverNotices, type NotificationDeps } from './notifications/deliver';
import {
  createRecordReason,
  createRecordTransition,
  type RecordDeps,
  createSettle,
  type SettleDeps,
} from './status/settle';
import { showing, type ShownFactsDeps } from './status/shown-facts';
import { createTryCredential, type TryDeps } from './credential/try-credential';
import { type CompareDeps, createCompareActors } from './sweep/compare';
import { createSweepInbox, type SweepDeps } from './sweep/sweep';

export type ActivityDeps = TryDeps &
  SettleDeps &
  RecordDeps &
  ShownFactsDeps &
  NotificationDeps &
  SweepDeps &
  CompareDeps &
  DrainDeps &
  RevokeDeps &
  FeedDeps;

/** How long the activities wait, where a test has to wait less. */
export type Durations = ActivityDeps['durations'];

/** Everything that touches the world, by the task queue that it runs on. */
export function createActivities(deps: ActivityDeps) {
  return {
    main: {
      settle: showing(deps, createSettle(deps)),
      recordTransition: showing(deps, createRecordTransition(deps)),
      recordReason: showing(deps, createRecordReason(deps)),
      inspectCredential: createInspectCredential(deps),
      noticeDegraded: createNoticeDegraded(deps),
      sweepInbox: createSweepInbox(deps),
      compareActors: createCompareActors(deps),
      feedReplay: createFeedReplay(deps),
    },
    refresh: {
      refreshCredential: createRefreshCredential(deps),
      probeCredential: createProbeCredential(deps),
      tryCredential: createTryCredential(deps),
      revokeGrant: createRevokeGrant(deps),
    },
    drain: { drainInbox: createDrainInbox(deps) },
    notices: { deliverNotices: createDeliverNotices(deps) },
  };
}

type Queues = ReturnType<typeof createActivities>;
export type Activities = Queues['main'] & Queues['refresh'] & Queues['drain'] & Queues['notices'];
