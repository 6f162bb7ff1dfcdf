import { messageOf } from './errors';
import { type Logger, noteAway, type Server } from './log';
import { waitAtMost } from './timing';

/** Whether a server answers, as far as is known: who asks never waits for it. */
export interface ServerWatch {
  /** Not before the first answer. */
  isAvailable(): boolean;
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
/** One lost answer may be this process's own fault. */
const failuresOfAnOutage = 2;

/** Asks a server again and again: one line when it goes, and one when it is back, however much fails meanwhile. */
export function watchServer({ server, log, ask, everyMs = 2_000, ...lines }: Watched): ServerWatch {
  let isAvailable = false;
  let isStopped = false;
  let isLooking = false;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let awaySince = 0;

  /** Meanwhile, as the compiler doesn't know. */
  const hasStopped = () => isStopped;

  async function look(): Promise<void> {
    if (isLooking || isStopped) return;
    isLooking = true;
    clearTimeout(timer);
    const startedAt = performance.now();
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
    if (isAvailable) noteAnswer();
    else noteFailure(startedAt, failure ?? `no answer within ${answerMs} ms`);
    const isDoubted = failures > 0 && failures < failuresOfAnOutage;
    timer = setTimeout(() => void look(), isDoubted ? 0 : everyMs);
  }

  function noteFailure(startedAt: number, err: string): void {
    if (failures === 0) awaySince = startedAt;
    failures++;
    // Of two that watch for one process one writes.
    if (failures === failuresOfAnOutage && noteAway(log, server, true)) lines.unreachable({ err });
  }

  function noteAnswer(): void {
    const wasAway = failures >= failuresOfAnOutage;
    failures = 0;
    if (!wasAway || !noteAway(log, server, false)) return;
    lines.recovered({ durationMs: Math.round(performance.now() - awaySince) });
  }

  void look();
  return {
    isAvailable: () => isAvailable,
    look: () => void look(),
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
