/** Says what is going on, and that a long step is still at it. */
export interface Progress {
  say: (message: string) => void;
  /** @returns ends the step */
  begin: (step: string) => () => void;
  during: <T>(step: string, work: () => Promise<T>) => Promise<T>;
}

const everyMs = 4_000;

/** @param write takes one line, without its end */
export function createProgress(write: (line: string) => void): Progress {
  const started = performance.now();
  const say = (message: string) => write(`[${seconds(started)}] ${message}`);
  const begin = (step: string) => {
    const since = performance.now();
    say(`${step} …`);
    const ticker = setInterval(() => say(`${step} … ${seconds(since)} so far`), everyMs);
    return () => {
      clearInterval(ticker);
    };
  };
  return {
    say,
    begin,
    during: async (step, work) => {
      const end = begin(step);
      try {
        return await work();
      } finally {
        end();
      }
    },
  };
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
