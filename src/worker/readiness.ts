import type { Worker } from '@temporalio/worker';
import type { ServerWatch } from '../lib/watch-server';
import { taskQueues } from '../../workflows/contract/ids';

/** What is known of a worker's process, and changes as that goes on. */
export interface Observed {
  phase: 'starting' | 'running' | 'stopping';
  /** Undefined as long as nobody asks. */
  postgres?: Pick<ServerWatch, 'answersWithin'>;
  /** Undefined as long as nobody asks. */
  temporal?: Pick<ServerWatch, 'sinceAnswerMs'>;
  workers: readonly Pick<Worker, 'getState' | 'options'>[];
}

type Answering = 'ok' | 'unavailable';

/** The answer of `/readyz`. */
export interface Readiness {
  status: 'ok' | 'starting' | 'unavailable' | 'stopping';
  postgres: Answering;
  temporal: Answering;
  /** The state of each worker, in the words of Temporal's SDK, by task queue. */
  workers: Record<string, string>;
}

const postgresAnswerMs = 1_000;
const temporalAnswerMs = 60_000;

/** Whether the process works off what is due, by what others have found out: it waits for nothing. */
export function readinessOf({ phase, postgres, temporal, workers }: Observed): Readiness {
  const states = Object.fromEntries(
    Object.values(taskQueues).map((queue) => [
      queue,
      workers.find(({ options }) => options.taskQueue === queue)?.getState() ?? 'INITIALIZED',
    ]),
  );
  const servers = {
    postgres: answering(postgres?.answersWithin(postgresAnswerMs) === true),
    temporal: answering((temporal?.sinceAnswerMs() ?? Infinity) <= temporalAnswerMs),
  };
  const isWell =
    Object.values(servers).every((one) => one === 'ok') &&
    Object.values(states).every((state) => state === 'RUNNING');
  const status = phase === 'running' ? answering(isWell) : phase;
  return { status, ...servers, workers: states };
}

const answering = (isWell: boolean): Answering => (isWell ? 'ok' : 'unavailable');
