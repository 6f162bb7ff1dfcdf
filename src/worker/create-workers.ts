import { existsSync } from 'node:fs';
import path from 'node:path';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { providerSlots } from '../../activities/credential/provider-places';
import { taskQueues } from '../../workflows/contract/ids';
import { dataConverter } from '../temporal/data-converter';
import { heartbeats } from './heartbeats';

type ActivityFunctions = Record<string, (input: never) => Promise<unknown>>;

interface WorkersSpec {
  connection: NativeConnection;
  namespace: string;
  workflowBundlePath: string | undefined;
  activities: Record<keyof typeof taskQueues, ActivityFunctions>;
  /** How many drains run at once. Which of them may begin is decided in `activities/drain/admission.ts`. */
  drainSlots: number;
}

/** How long activities have to end by themselves at a stop; longer than one attempt at a delivery. */
const shutdownGraceTime = '35 seconds';

/**
 * A process that is stopped but not gone keeps its long polls open for a minute, and each of them swallows a
 * task until that times out. Few polls keep a takeover short.
 */
const activityTaskPollerBehavior = { type: 'simple-maximum', maximum: 2 } as const;
/**
 * While many actors are woken at once, more: a poll brings one task for each round trip, and what one tenant has begun
 * would keep all others' actors waiting.
 */
const morePolls = (maximum: number) => ({
  ...{ type: 'autoscaling' as const, minimum: 2, initial: 2 },
  maximum,
});

/**
 * What waits for the worker that has an actor in its cache waits in an order that knows no users. After this long it goes
 * to the queue that all workers share, where users take turns.
 */
const stickyQueueScheduleToStartTimeout = '1 second';

/**
 * A run whose history this code can't replay fails, instead of trying so for ever: rows decide, and a fresh run, which a sweep or
 * the next message starts, loses nothing.
 */
const workflowFailureErrorTypes = { '*': ['NondeterminismError'] };

/** As many notifications are posted at once: a receiver that hangs for a while is asked by no more. */
const notificationSlots = 50;

/**
 * A worker for each task queue, each with slots of its own: with one queue, drains that wait for refreshes take
 * every slot that a refresh would need, and nothing moves again.
 */
export async function createWorkers(spec: WorkersSpec): Promise<Worker[]> {
  const common = {
    connection: spec.connection,
    namespace: spec.namespace,
    dataConverter,
    shutdownGraceTime,
    shutdownForceTime: '45 seconds',
    activityTaskPollerBehavior,
    interceptors: { activity: [heartbeats] },
  } satisfies Partial<WorkerOptions>;
  return Promise.all([
    Worker.create({
      ...common,
      ...workflowCode(spec.workflowBundlePath),
      taskQueue: taskQueues.main,
      activities: spec.activities.main,
      maxConcurrentActivityTaskExecutions: 100,
      maxCachedWorkflows: 1_000,
      workflowFailureErrorTypes,
      stickyQueueScheduleToStartTimeout,
      workflowTaskPollerBehavior: morePolls(20),
    }),
    Worker.create({
      ...common,
      taskQueue: taskQueues.refresh,
      activities: spec.activities.refresh,
      maxConcurrentActivityTaskExecutions: providerSlots,
    }),
    Worker.create({
      ...common,
      activityTaskPollerBehavior: morePolls(10),
      taskQueue: taskQueues.drain,
      activities: spec.activities.drain,
      maxConcurrentActivityTaskExecutions: spec.drainSlots,
    }),
    Worker.create({
      ...common,
      taskQueue: taskQueues.notices,
      activities: spec.activities.notices,
      maxConcurrentActivityTaskExecutions: notificationSlots,
    }),
  ]);
}

/** What `npm run build` bundles ahead of time: bundling at the start takes seconds. */
const builtBundle = path.resolve(__dirname, '../../workflow-bundle.js');

/** A bundle, by default the one beside the compiled code; the sources where there is none. */
function workflowCode(
  bundlePath = builtBundle,
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  return existsSync(bundlePath)
    ? { workflowBundle: { codePath: bundlePath } }
    : { workflowsPath: require.resolve('../../workflows') };
}
