/** A body that is arriving. */
export interface ArrivingBody {
  /** How much of it has come. */
  receivedBytes(): number;
  /** How much will come, as its sender has it; undefined where it comes in chunks. */
  claimedBytes: number | undefined;
  /** Called once; it isn't watched any more then. */
  tooSlow(): void;
}

/** Ends those that arrive more slowly than anybody sends who means it. */
export interface SlowBodies {
  /** @returns ends the watch */
  watch(body: ArrivingBody): () => void;
  /** A second has gone by. */
  tick(): void;
}

const graceSeconds = 5;
/** All of a request has to be there by then; the server ends what isn't. */
const requestSeconds = 30;
const leastBytesPerSecond = 1_024;

/**
 * How much must have come after so many seconds. Pure. In the first few nothing. Then a kilobyte for each second, which every
 * line has; and of a body that says how long it is such a part that it can still be whole in time: whoever sends evenly, and
 * makes it within the 30 s, is always ahead of that.
 */
export function dueBytes(seconds: number, claimedBytes: number | undefined): number {
  const counted = Math.max(seconds - graceSeconds, 0);
  const least = counted * leastBytesPerSecond;
  if (claimedBytes === undefined) return least;
  const inTime = (counted / (requestSeconds - graceSeconds)) * claimedBytes;
  return Math.min(Math.max(least, inTime), claimedBytes);
}

/** One timer's ticks count for all. A process that stood still for a while has counted one: what came meanwhile isn't read yet. */
export function createSlowBodies(): SlowBodies {
  const seconds = new Map<ArrivingBody, number>();
  return {
    watch: (body) => {
      seconds.set(body, 0);
      return () => void seconds.delete(body);
    },
    tick: () => {
      for (const [body, before] of seconds) {
        const after = before + 1;
        seconds.set(body, after);
        if (body.receivedBytes() >= dueBytes(after, body.claimedBytes)) continue;
        seconds.delete(body);
        body.tooSlow();
      }
    },
  };
}
