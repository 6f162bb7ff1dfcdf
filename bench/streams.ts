import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Child } from './child';
import { cpuMicroseconds } from './cpu-time';
import type { BenchGateway } from './gateway';
import type { OpenStreams, StreamsRead } from './load/streams';
import { measure, type Measurement } from './measure';
import { summarise, type Summary } from './statistics';
import type { System } from './systems';

export interface StreamsSeries {
  count: number;
  gateway: BenchGateway;
  databaseUrl: string;
  postgresPid: number;
  /** That webhooks are sent to meanwhile. */
  system: System;
  /** Which sends them, and which reads the streams. */
  load: Child;
  reader: Child;
  rounds: number;
  seconds: number;
  connections: number;
}

export interface StreamsResult {
  streams: number;
  /** Resident memory of the gateway for each stream, in KB; null where the system has no `/proc`. */
  memoryKb: Summary | null;
  /** With the streams open, as a part of what it is without, round by round. */
  rate: Summary;
  p50: Summary;
  p99: Summary;
  /** Of the gateway's processor time for each webhook, what the streams take meanwhile with it. */
  server: Summary | null;
  /** Of one core, what the open streams alone take: of the gateway, and of Postgres. */
  idle: { gateway: Summary; postgres: Summary } | null;
  pairs: { without: Measurement; with: Measurement }[];
}

/** Until the gateway has freed what opening has taken. */
const settleMs = 3_000;
const idleMs = 6_000;
const people = (count: number) => Array.from({ length: count }, (_, index) => `reader-${index}`);

/**
 * What streams of events cost a gateway: memory, and how fast it takes webhooks. Both are measured in each round, the
 * one that comes first in turn.
 *
 * @throws Error where a stream was refused or has ended meanwhile
 */
export async function measureStreams(
  series: StreamsSeries,
  told: (line: string) => void,
): Promise<StreamsResult> {
  const { count, gateway, reader, rounds, seconds, connections } = series;
  await addPeople(series.databaseUrl, count);
  const { load, system, postgresPid } = series;
  const send = async () => {
    const one = { load, postgresPid, systems: [system], rounds: 1, seconds };
    const [measured] = await measure({ ...one, connections: [connections] }, () => undefined);
    if (measured === undefined) throw new Error('nothing was measured');
    return measured;
  };
  const ask = async (message: OpenStreams | { close: true } | { look: true }) =>
    (await reader.ask(message)) as StreamsRead;
  const open = async () => {
    await ask({ url: gateway.url, apiKey: gateway.apiKey, userIds: people(count) });
    await pause(settleMs);
  };
  const close = async () => {
    const { open: standing } = await ask({ look: true });
    if (standing !== count) throw new Error(`${standing} of ${count} streams stand.`);
    await ask({ close: true });
    await pause(settleMs);
  };
  const withStreams = async () => {
    await open();
    const measured = await send();
    await close();
    return measured;
  };

  const memory: number[] = [];
  const idle: Used[] = [];
  await send();
  for (let round = 0; round < 3; round++) {
    const before = residentKb(gateway.pid);
    await open();
    const after = residentKb(gateway.pid);
    // The first ones also make the gateway's heap what it needs to be.
    if (before !== null && after !== null) memory.push((after - before) / count);
    idle.push(await usedIn(idleMs, gateway.pid, postgresPid));
    await close();
  }
  const pairs: StreamsResult['pairs'] = [];
  for (let round = 1; round <= rounds; round++) {
    const [first, second] = round % 2 === 1 ? [send, withStreams] : [withStreams, send];
    const [one, other] = [await first(), await second()];
    const pair = round % 2 === 1 ? { without: one, with: other } : { without: other, with: one };
    pairs.push(pair);
    told(
      `round ${round}/${rounds}: without ${line(pair.without)}; with ${count} streams ${line(pair.with)}`,
    );
  }
  const ratio = (key: 'rate' | 'p50Ms' | 'p99Ms') =>
    summarise(pairs.map((pair) => pair.with[key] / pair.without[key]));
  const spent = pairs.flatMap((pair) => {
    const [then, now] = [pair.without.serverMicroseconds, pair.with.serverMicroseconds];
    return then === null || now === null ? [] : [now / then];
  });
  const server = spent.length === 0 ? null : summarise(spent);
  return {
    streams: count,
    memoryKb: memory.length === 0 ? null : summarise(memory),
    idle: idleOf(idle),
    ...{ rate: ratio('rate'), p50: ratio('p50Ms'), p99: ratio('p99Ms'), server, pairs },
  };
}

type Used = [gateway: number | null, postgres: number | null];

/** Of one core. */
async function usedIn(ms: number, ...pids: [number, number]): Promise<Used> {
  const [gateway, postgres] = pids.map(cpuMicroseconds);
  await pause(ms);
  const share = (then: number | null | undefined, pid: number) => {
    const now = cpuMicroseconds(pid);
    return then == null || now === null ? null : (now - then) / 1_000 / ms;
  };
  return [share(gateway, pids[0]), share(postgres, pids[1])];
}

function idleOf(all: readonly Used[]): StreamsResult['idle'] {
  const [gateway, postgres] = [0, 1].map((which) =>
    all.map((used) => used[which]).filter((one) => typeof one === 'number'),
  );
  if (gateway === undefined || postgres === undefined || gateway.length * postgres.length === 0) {
    return null;
  }
  return { gateway: summarise(gateway), postgres: summarise(postgres) };
}

const line = ({ rate, p50Ms, p99Ms }: Measurement) =>
  `${Math.round(rate)}/s, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`;

export function describeStreams(result: StreamsResult): string {
  const { streams, memoryKb, rate, p50, p99, server, idle } = result;
  const spread = ({ median, min, max }: Summary, digits: number) =>
    `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
  return [
    `With ${streams} streams open, as a part of what it is without:`,
    `webhooks/s ${spread(rate, 2)}, median time ${spread(p50, 2)}, 99 % time ${spread(p99, 2)}`,
    ...(server === null
      ? []
      : [`the gateway's processor time for each webhook ${spread(server, 2)}`]),
    ...(idle === null
      ? []
      : [
          `of one core, without any webhook: gateway ${spread(idle.gateway, 3)}, Postgres ${spread(idle.postgres, 3)}`,
        ]),
    ...(memoryKb === null ? [] : [`memory for each stream: ${spread(memoryKb, 1)} KB`]),
  ].join('\n');
}

/** One connection each, which nobody ever connected. */
async function addPeople(databaseUrl: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `INSERT INTO integrations (id, user_id, name, provider, status, reason_code)
       SELECT 'int_' || id, id, 'main', 'disconnected', 'ERROR', 'not_connected'
       FROM unnest($1::text[]) id`,
      [people(count)],
    );
  } finally {
    await client.end();
  }
}

function residentKb(pid: number): number | null {
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? null : Number(found[1]);
  } catch {
    return null;
  }
}
