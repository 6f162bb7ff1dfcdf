import { cpuMicroseconds } from './cpu-time';
import type { Child } from './child';
import type { LoadJob, LoadResult } from './load/job';
import type { Letter, System } from './systems';

export interface Measurement extends LoadResult {
  system: Letter;
  connections: number;
  /** From 1. */
  round: number;
  /** Rows stored, the same as `accepted`; null where the system stores none. */
  rows: number | null;
  /** Processor time for each webhook, in microseconds; null where it can't be told. */
  serverMicroseconds: number | null;
  postgresMicroseconds: number | null;
}

export interface Series {
  systems: readonly System[];
  postgresPid: number;
  load: Child;
  rounds: number;
  seconds: number;
  connections: readonly number[];
}

const longestWarmUpSeconds = 1;

/**
 * Measures every system in turn, round by round, so that whatever else the machine does meets all of them.
 *
 * @param told after each measurement
 * @throws Error where an answer was wrong, or rows and answers differ in number
 */
export async function measure(
  series: Series,
  told: (measurement: Measurement) => void,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (let round = 1; round <= series.rounds; round++) {
    for (const connections of series.connections) {
      for (const system of series.systems) {
        const measured = await measureOnce(series, system, connections);
        const measurement = { system: system.letter, connections, round, ...measured };
        measurements.push(measurement);
        told(measurement);
      }
    }
  }
  return measurements;
}

async function measureOnce(
  { load, seconds, postgresPid }: Series,
  { letter, target, outcome, pid, table }: System,
  connections: number,
): Promise<Omit<Measurement, 'system' | 'connections' | 'round'>> {
  await table?.empty();
  const warmUpSeconds = Math.min(seconds / 2, longestWarmUpSeconds);
  const { url, secret } = target;
  const job: LoadJob = { url, secret, outcome, connections, warmUpSeconds, seconds };
  const before = [pid, postgresPid].map(cpuMicroseconds);
  const result = (await load.ask(job)) as LoadResult;
  const after = [pid, postgresPid].map(cpuMicroseconds);
  const rows = (await table?.count()) ?? null;
  if (rows !== null && rows !== result.accepted) {
    throw new Error(`${letter} answered 202 ${result.accepted} times and stored ${rows} rows.`);
  }
  const [serverMicroseconds = null, postgresMicroseconds = null] = after.map((used, index) => {
    const then = before[index] ?? null;
    return used === null || then === null ? null : (used - then) / result.accepted;
  });
  return { ...result, rows, serverMicroseconds, postgresMicroseconds };
}
