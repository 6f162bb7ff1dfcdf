import type { PersonStatus } from './person-status.js';

/** Why the status is not known: nobody answers, or the answer is no. */
export type Unknown = 'unreachable' | 'refused';

export interface Knowledge {
  /** The status as it is now. */
  learn(status: PersonStatus): void;
  /** It may have changed: unless it is learnt again soon, it is unknown. */
  doubt(why: Unknown): void;
  /** It is unknown from now on. */
  lose(why: Unknown): void;
  close(): void;
}

interface Listener {
  onStatus(status: PersonStatus): void;
  onUnknown(why: Unknown): void;
}

/**
 * What its listener has been told: never left with an old state for longer than `graceMs` after it came into doubt, and
 * not told the same twice.
 */
export function createKnowledge(listener: Listener, graceMs: number): Knowledge {
  let told: string | null = null;
  let because: Unknown = 'unreachable';
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = (what: string, how: () => void) => {
    clearTimeout(timer);
    timer = undefined;
    if (told === what) return;
    told = what;
    how();
  };
  const lose = (why: Unknown) => tell(why, () => listener.onUnknown(why));

  return {
    learn: (status) => tell(JSON.stringify(status), () => listener.onStatus(status)),
    doubt: (why) => {
      because = why;
      if (told === 'unreachable' || told === 'refused') lose(why);
      else timer ??= setTimeout(() => lose(because), graceMs);
    },
    lose,
    close: () => clearTimeout(timer),
  };
}
