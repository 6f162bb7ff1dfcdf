import { cpuMicroseconds } from './cpu-time';
import type { Child } from './child';
import type { Load, LoadResult, WarmUp } from './load/job';
import type { Letter, System } from './systems';

export interface Measurement extends LoadResult {
  system: Letter;
  connections: number;
  /** From 1. */
  round: number;
  /** Of 202, also during the warm-up. */
  answers: number;
  /** Rows stored, as many as answers; null where the system stores none. */
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
  // What runs for the first time is slow, whichever system it is.
  const most = Math.max(...series.connections);
  if (series.rounds > 1)
    for (const system of series.systems) await measureOnce(series, system, most);
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
  const { url, secret } = target;
  const warmUpSeconds = Math.min(seconds / 2, longestWarmUpSeconds);
  const warmUp: WarmUp = { url, secret, outcome, connections, seconds: warmUpSeconds };
  const first = (await load.ask(warmUp)) as LoadResult;
  const before = [pid, postgresPid].map(cpuMicroseconds);
  const result = (await load.ask({ seconds } satisfies Load)) as LoadResult;
  const after = [pid, postgresPid].map(cpuMicroseconds);
  const [serverMicroseconds = null, postgresMicroseconds = null] = after.map((used, index) => {
    const then = before[index] ?? null;
    return used === null || then === null ? null : (used - then) / result.accepted;
  });
  const rows = (await table?.count()) ?? null;
  const answers = first.accepted + result.accepted;
  if (rows !== null && rows !== answers) {
    throw new Error(`${letter} answered 202 ${answers} times and stored ${rows} rows.`);
  }
  return { ...result, answers, rows, serverMicroseconds, postgresMicroseconds };
}
