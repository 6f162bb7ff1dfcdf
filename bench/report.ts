import type { Measurement } from './measure';
import { summarise, type Summary } from './statistics';
import type { System } from './systems';
import type { Judged } from './targets';

export interface Row {
  system: string;
  name: string;
  connections: number;
  /** Answers a second. */
  rate: Summary;
  p50Ms: Summary;
  p99Ms: Summary;
  generatorLoad: Summary;
  /** Processor time for each webhook, in microseconds; null where it can't be told. */
  serverMicroseconds: Summary | null;
  postgresMicroseconds: Summary | null;
}

/** What is true of every figure; printed below them. */
export const notes = [
  'Webhooks of 1,024 bytes, all different, signed as Standard Webhooks; every answer is checked, and rows are counted.',
  'Medians of all rounds, with the least and the greatest. Ratios are taken within a round.',
  'Beside them: processor time for each webhook in server and Postgres, and how much of a core the generator used.',
  'A, B, C and D are measured in turn. Load generator, server and Postgres share the machine.',
  'B verifies and dedupes too, with one INSERT a webhook and no signal; it was written for this comparison.',
  'C signals a real Temporal dev server. No worker runs: handling would take its share of the processors.',
  'HOLDFAST_RATE_LIMIT_PER_SECOND and both keep limits are raised out of the way.',
] as const;

export function rowsOf(
  systems: readonly System[],
  connections: readonly number[],
  measurements: readonly Measurement[],
): Row[] {
  return connections.flatMap((count) =>
    systems.map(({ letter, name }) => {
      const rounds = measurements.filter(
        (one) => one.system === letter && one.connections === count,
      );
      const of = (key: 'rate' | 'p50Ms' | 'p99Ms' | 'generatorLoad') =>
        summarise(rounds.map((one) => one[key]));
      const spent = (key: 'serverMicroseconds' | 'postgresMicroseconds') => {
        const known = rounds.map((one) => one[key]).filter((one) => one !== null);
        return known.length === 0 ? null : summarise(known);
      };
      return {
        ...{ system: letter, name, connections: count, rate: of('rate') },
        ...{ p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), generatorLoad: of('generatorLoad') },
        serverMicroseconds: spent('serverMicroseconds'),
        postgresMicroseconds: spent('postgresMicroseconds'),
      };
    }),
  );
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');
const fraction = (value: number) => value.toFixed(2);

const microseconds = (value: Summary | null) => (value === null ? '–' : whole(value.median));

function spread({ median, min, max }: Summary, format: (value: number) => string): string {
  return `${format(median)} (${format(min)}–${format(max)})`;
}

const header = [
  'connections',
  'system',
  'webhooks/s',
  'p50 ms',
  'p99 ms',
  'server µs',
  'Postgres µs',
  'generator',
];

/** A Markdown table, which reads well in a terminal too. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    String(row.connections),
    `${row.system} ${row.name}`,
    spread(row.rate, whole),
    spread(row.p50Ms, fraction),
    spread(row.p99Ms, fraction),
    microseconds(row.serverMicroseconds),
    microseconds(row.postgresMicroseconds),
    `${whole(row.generatorLoad.median * 100)} %`,
  ]);
  return aligned([header, ...cells]);
}

export function verdicts(judged: readonly Judged[]): string {
  return judged
    .map(({ name, connections, wanted, unit, measured, met }) => {
      const value = `${spread(measured, fraction)}${unit}`;
      const at = `at ${connections} connection${connections === 1 ? '' : 's'}`;
      return `${met ? 'met   ' : 'MISSED'}  ${name} ${at}: ${value}, wanted ${wanted}${unit}`;
    })
    .join('\n');
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const [first, ...rest] = lines.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [first, rule, ...rest].join('\n');
}
