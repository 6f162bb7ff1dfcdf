import { existsSync } from 'node:fs';
import { parseConfig } from '../../config';
import { messageOf } from '../../lib/errors';
import { exitCodeOf, stopSignal } from '../../lib/serve';
import { logTail } from '../process/log-tail';
import { startOwnStack, type OwnStack } from './own-stack';
import { reachStack } from './stack';
import { beginStory } from './story';
import { tell } from './tell';

const write = (line: string) => void process.stdout.write(`${line}\n`);
let own: OwnStack | undefined;

/** @returns the exit code: 0 only if every step was seen */
async function main(): Promise<number> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { publicUrl, dataDir, apiKeys } = parseConfig(process.env);
  const running = await reachStack(publicUrl, dataDir, apiKeys[0]).catch(() => undefined);
  if (running !== undefined) write(`The story is told at ${publicUrl}, where Holdfast runs.`);
  else {
    write('Holdfast does not run here: starting it for this story.');
    own = await startOwnStack(dataDir, write);
  }
  const stack = running ?? own?.stack;
  if (stack === undefined) return 1;

  const story = beginStory(stack);
  const seen = await tell(story, write);
  write(seen ? 'Every step was seen.' : 'The story ends here.');
  if (!seen && own !== undefined) write(logTail(own.logFile));
  // Where somebody else's stack failed, what did is left to be looked at.
  if (seen && own === undefined) await story.forget();
  return seen ? 0 : 1;
}

async function run(): Promise<number> {
  try {
    const end = await Promise.race([main(), stopSignal()]);
    return typeof end === 'number' ? end : exitCodeOf(end);
  } catch (error) {
    write(messageOf(error));
    return 1;
  } finally {
    await own?.stop();
  }
}

void run().then((code) => process.exit(code));
