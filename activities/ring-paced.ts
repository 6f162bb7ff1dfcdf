import type { Owed } from '../src/db/queries/sweep/due';
import { pause } from '../src/lib/timing';
import type { Logger } from '../src/lib/log';

/** Signals at once. */
const atOnce = 50;
/** Between such parts: what they wake begins to work. */
const pauseMs = 250;

/** Rings all of a page, some at a time. An actor that can't be signalled keeps nobody from being rung. */
export function createRingPaced(log: Logger, ring: (one: Owed) => Promise<void>) {
  return async function ringPaced(kind: Owed['kind'], page: readonly Owed[]): Promise<void> {
    let failed = 0;
    for (let from = 0; from < page.length; from += atOnce) {
      if (from > 0) await pause(pauseMs, new AbortController().signal);
      const rung = await Promise.allSettled(page.slice(from, from + atOnce).map(ring));
      failed += rung.filter(({ status }) => status === 'rejected').length;
    }
    const line = { kind, rung: page.length, failed };
    if (failed > 0) log.warn(line, 'the sweep could not ring everybody');
    else if (page.length > 0) log.info(line, 'the sweep rang for what is owed');
  };
}
