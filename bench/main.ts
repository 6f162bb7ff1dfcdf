import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createProgress } from '../src/dev/progress';
import { Releases } from '../src/dev/process/releases';
import { messageOf } from '../src/lib/errors';
import { exitCodeOf, stopSignal } from '../src/lib/serve';
import { type Child, startChild } from './child';
import { describeCommit, describeMachine, describeVersions } from './machine';
import { measure, type Measurement } from './measure';
import { parseOptions, usage, type BenchOptions } from './options';
import { notes, rowsOf, table, verdicts } from './report';
import { type Stack, startStack } from './stack';
import { describeStreams, measureStreams } from './streams';
import { judge } from './targets';

/** The checkout, from `dist/bench`. */
const root = path.resolve(__dirname, '../..');
const write = (line: string) => void process.stdout.write(`${line}\n`);
const progress = createProgress(write);
const releases = new Releases();
const stopLimitMs = 30_000;

async function bench(options: BenchOptions): Promise<number> {
  const { rounds, seconds, connections } = options;
  const { cpuProfileDir } = options;
  const searchPath = process.env['PATH'];
  const stack = await startStack({ root, searchPath, cpuProfileDir, progress, releases });
  const { postgresPid } = stack;
  const systems = stack.systems.filter(({ letter }) => options.systems.includes(letter));
  const load = startChild('load/main.js');
  releases.add('', () => load.stop());

  const total = rounds * connections.length * systems.length;
  let done = 0;
  if (options.streams !== null) return benchStreams(options, options.streams, stack, load);
  const tell = (one: Measurement) => {
    const figures = `${Math.round(one.rate)}/s, p50 ${one.p50Ms.toFixed(2)} ms, p99 ${one.p99Ms.toFixed(2)} ms`;
    const which = `round ${one.round}, ${one.connections} connections, ${one.system}`;
    progress.say(`${++done}/${total}  ${which}: ${figures}`);
  };
  const measurements = await measure(
    { systems, postgresPid, load, rounds, seconds, connections },
    tell,
  );

  const rows = rowsOf(systems, connections, measurements);
  const targets = judge(measurements);
  write(`\n${table(rows)}\n\n${notes.map((note) => `- ${note}`).join('\n')}\n`);
  write(verdicts(targets));
  if (options.output !== null) {
    const results = {
      date: new Date().toISOString(),
      ...describeCommit(root),
      machine: describeMachine(),
      versions: { ...describeVersions(root), temporal: stack.temporalVersion },
      postgres: stack.postgres,
      settings: { rounds, seconds, connections },
      ...{ notes, targets, summary: rows, measurements },
    };
    writeFileSync(options.output, `${JSON.stringify(results, null, 2)}\n`);
    write(`\nWritten to ${options.output}`);
  }
  return 0;
}

const streamConnections = 50;

async function benchStreams(
  { rounds, seconds }: BenchOptions,
  count: number,
  stack: Stack,
  load: Child,
): Promise<number> {
  const { gateway, databaseUrl, postgresPid } = stack;
  const system = stack.systems.find(({ letter }) => letter === 'D');
  if (system === undefined) throw new Error('there is no system D');
  const reader = startChild('load/streams.js');
  releases.add('', () => reader.stop());
  const result = await measureStreams(
    {
      ...{ count, gateway, databaseUrl, postgresPid, system, load, reader, rounds, seconds },
      connections: streamConnections,
    },
    (line) => progress.say(line),
  );
  write(`\n${describeStreams(result)}`);
  return 0;
}

async function run(): Promise<number> {
  let options;
  try {
    options = parseOptions(process.argv.slice(2), root);
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}\n\n${usage}`);
    return 2;
  }
  if (options === 'help') {
    write(usage);
    return 0;
  }
  try {
    const end = await Promise.race([bench(options), stopSignal()]);
    return typeof end === 'number' ? end : exitCodeOf(end);
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}\n`);
    return 1;
  } finally {
    await releases.run(stopLimitMs, () => undefined);
  }
}

void run().then((code) => process.exit(code));
