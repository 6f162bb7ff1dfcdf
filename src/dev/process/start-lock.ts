import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { commandOf } from './command-of';
import { StartError } from '../start-error';

/**
 * One `start` a data folder: two servers on the same files would ruin them. A holder that is gone, or whose
 * number another program has now, is passed over.
 * @returns gives the lock back
 * @throws StartError where another one runs
 */
export function takeStartLock(file: string): () => void {
  const holder = read(file);
  if (holder !== undefined && holder !== process.pid) {
    const command = commandOf(holder);
    if (command !== undefined && /cli\.js.* start|holdfast.* start/.test(command)) {
      throw new StartError(
        `Another "npm start" (process ${holder}) is running on this data folder. Stop it first, or name another folder in HOLDFAST_DATA_DIR.`,
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
    throw new StartError(`Another "npm start" takes ${file} at this moment.`, { cause });
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
