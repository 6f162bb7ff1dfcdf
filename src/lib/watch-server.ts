import { messageOf } from './errors';
import { type Logger, noteAway, type Server } from './log';
import { waitAtMost } from './timing';

/** Whether a server answers, as far as is known: who asks never waits for it. */
export interface ServerWatch {
  /** Not before the first answer. */
  isAvailable(): boolean;
  /** Whether its last answer took at most so many milliseconds, and what it is asked now has not taken longer. */
  answersWithin(ms: number): boolean;
  /** Milliseconds since its last answer; infinite before the first. */
  sinceAnswerMs(): number;
  /** Something says that it may be away: looks now. */
  look(): void;
  stop(): void;
}

interface Watched {
  server: Server;
  log: Logger;
  /** @throws Error where it doesn't answer */
  ask: () => Promise<unknown>;
  /** Writes the line of an outage's beginning, with `err`. */
  unreachable: (line: object) => void;
  /** Writes the line of its end, with `durationMs`. */
  recovered: (line: object) => void;
  /** How long after an answer, or the lack of one, it is asked again. */
  everyMs?: number;
}

const answerMs = 3_000;
/** One answer, or the lack of one, may be an accident: so many in a row begin an outage, and end it. */
const looksOfAChange = 2;
/** How long after what may be an accident it is asked again: a connection that is refused at once says little of a moment later. */
const doubtMs = 500;

/** Asks a server again and again: one line when it goes, and one when it is back, however much fails meanwhile. */
export function watchServer({ server, log, ask, everyMs = 2_000, ...lines }: Watched): ServerWatch {
  let isAvailable = false;
  let isStopped = false;
  let isLooking = false;
  let timer: NodeJS.Timeout | undefined;
  let isAway = false;
  let awaySince = 0;
  /** In a row, that say otherwise than `isAway`. */
  let doubts = 0;
  let doubtedSince = 0;
  let lookedAt = 0;
  let answeredAt = -Infinity;
  let tookMs = Infinity;

  /** Meanwhile, as the compiler doesn't know. */
  const hasStopped = () => isStopped;

  async function look(): Promise<void> {
    if (isLooking || isStopped) return;
    isLooking = true;
    clearTimeout(timer);
    const startedAt = performance.now();
    lookedAt = startedAt;
    const failure = await waitAtMost(
      ask().then(
        () => null,
        (error: unknown) => messageOf(error),
      ),
      answerMs,
    );
    isLooking = false;
    if (hasStopped()) return;
    isAvailable = failure === null;
    if (isAvailable) {
      answeredAt = performance.now();
      tookMs = answeredAt - startedAt;
    }
    if (isAvailable !== isAway) doubts = 0;
    else doubt(startedAt, failure ?? `no answer within ${answerMs} ms`);
    timer = setTimeout(() => void look(), doubts > 0 ? Math.min(doubtMs, everyMs) : everyMs);
  }

  function doubt(startedAt: number, err: string): void {
    if (doubts === 0) doubtedSince = startedAt;
    doubts++;
    if (doubts < looksOfAChange) return;
    doubts = 0;
    isAway = !isAway;
    if (isAway) awaySince = doubtedSince;
    // Of two that watch for one process one writes.
    if (!noteAway(log, server, isAway)) return;
    if (isAway) lines.unreachable({ err });
    else lines.recovered({ durationMs: Math.round(doubtedSince - awaySince) });
  }

  void look();
  return {
    isAvailable: () => isAvailable,
    answersWithin: (ms) =>
      isAvailable && tookMs <= ms && !(isLooking && performance.now() - lookedAt > ms),
    sinceAnswerMs: () => performance.now() - answeredAt,
    // All connections are lost at once: the second look keeps its time.
    look: () => void (doubts === 0 && look()),
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
