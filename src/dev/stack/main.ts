import { messageOf } from '../../lib/errors';
import { exitCodeOf, stopSignal } from '../../lib/serve';
import { takeStartLock } from '../process/start-lock';
import { Releases } from '../process/releases';
import { createProgress } from '../progress';
import { StartError } from '../start-error';
import { bootStack } from './boot';
import { helpText, readStackCommand, type StackCommand } from './command-line';
import { controlStack } from './control';
import { openStackDir, stackPaths } from './layout';

/** Longer than a worker takes to give up on what it has in flight. */
const stopLimitMs = 70_000;

const write = (line: string) => void process.stdout.write(`${line}\n`);

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const command = readStackCommand(args);
  if (command.kind === 'help') {
    process.stdout.write(helpText);
    return 0;
  }
  const dataDir = process.env['HOLDFAST_DATA_DIR'] || '.holdfast';
  if (command.kind === 'up') return up(command, dataDir);
  for (const line of await controlStack(command, stackPaths(dataDir))) write(line);
  return 0;
}

/** All of it in the foreground, until a signal. */
async function up(
  { port, temporal }: Extract<StackCommand, { kind: 'up' }>,
  dataDir: string,
): Promise<number> {
  const progress = createProgress(write);
  const releases = new Releases();
  const signal = stopSignal();
  const paths = openStackDir(dataDir);
  releases.add(
    '',
    takeStartLock(paths.lock, { command: 'npm run stack', matches: /stack[/\\]main\.js/ }),
  );
  const options = { env: process.env, root: process.cwd(), paths, progress, releases };
  try {
    const booted = bootStack(options, { port, temporal });
    const lines = await Promise.race([booted, signal]);
    if (typeof lines !== 'string') {
      progress.say(['ready', ...lines, '  Ctrl-C stops all of it.'].join('\n'));
    }
    const end = await signal;
    progress.say(`${end}: stopping`);
    return exitCodeOf(end);
  } finally {
    await releases.run(stopLimitMs, progress.say);
    progress.say('stopped');
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const isPlain = error instanceof StartError || !(error instanceof Error);
    write(isPlain ? messageOf(error) : (error.stack ?? error.message));
    process.exit(1);
  },
);
