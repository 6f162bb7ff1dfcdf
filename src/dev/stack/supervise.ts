import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../lib/errors';
import type { Guarded } from '../process/guarded';

export interface Service {
  name: string;
  /** @throws Error where it doesn't come up */
  launch: () => Promise<Guarded>;
}

export interface Supervision {
  /** The folder in which a file of its name says that a service is to stand still. */
  stopped: string;
  /** The folder in which a file of its name says that it can be used. */
  ready: string;
  say: (message: string) => void;
}

/** How soon a wish to stop or start is seen, in milliseconds. */
const lookEveryMs = 200;
/** How long after its end a service starts again, in milliseconds. */
const pauseMs = 1_000;

/**
 * Starts a service, and again whenever it ends, as `restart: unless-stopped` does.
 * @returns ends it for good
 * @throws Error where it doesn't come up the first time
 */
export async function supervise(
  { name, launch }: Service,
  { stopped, ready, say }: Supervision,
): Promise<() => Promise<void>> {
  const mark = path.join(ready, name);
  const begin = async () => {
    const running = await launch();
    writeFileSync(mark, '');
    return running;
  };
  let current: Guarded | undefined = await begin();
  let isClosing = false;
  const isWanted = () => !isClosing && !existsSync(path.join(stopped, name));

  async function look(): Promise<void> {
    if (current !== undefined && current.hasExited()) {
      rmSync(mark, { force: true });
      say(`${name} ended (exit code ${await current.exited}): starting it again`);
      current = undefined;
      await sleep(pauseMs);
    } else if (current !== undefined && !isWanted()) {
      rmSync(mark, { force: true });
      say(`stopping ${name}`);
      await current.stop();
      current = undefined;
    } else if (current === undefined && isWanted()) {
      current = await begin();
      say(`${name} runs again`);
    }
  }

  async function watch(): Promise<void> {
    while (!isClosing) {
      await look().catch(async (error: unknown) => {
        say(`${name} did not start: ${messageOf(error)}`);
        await sleep(pauseMs);
      });
      await sleep(lookEveryMs);
    }
  }

  const watching = watch();
  return async () => {
    isClosing = true;
    await watching;
    rmSync(mark, { force: true });
    await current?.stop();
  };
}
