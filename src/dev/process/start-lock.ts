import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { commandOf } from './command-of';
import { StartError } from '../start-error';

interface Starter {
  command: string;
  matches: RegExp;
}

const npmStart: Starter = {
  command: 'npm start',
  matches: /cli\.js.* start|holdfast.* start/,
};

/**
 * One `start` a data folder: two servers on the same files would ruin them. A holder that is gone, or whose
 * number another program has now, is passed over.
 * @param what the command that takes it, and how its processes' command lines read
 * @returns gives the lock back
 * @throws StartError where another one runs
 */
export function takeStartLock(file: string, what: Starter = npmStart): () => void {
  const holder = read(file);
  if (holder !== undefined && holder !== process.pid) {
    const command = commandOf(holder);
    if (command !== undefined && what.matches.test(command)) {
      throw new StartError(
        `Another "${what.command}" (process ${holder}) is running on this data folder. Stop it first, or name another folder in HOLDFAST_DATA_DIR.`,
      );
    }
    rmSync(file, { force: true });
  }
  const own = `${file}-${process.pid}`;
  try {
    // A link appears at once and whole: nobody ever reads half a lock.
    writeFileSync(own, `${process.pid}\n`, { mode: 0o600 });
    linkSync(own, file);
  } catch (cause) {
    throw new StartError(`Another "${what.command}" takes ${file} at this moment.`, { cause });
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(file, { force: true });
}

function read(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
