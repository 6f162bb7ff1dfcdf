export interface WindowLimits {
  least: number;
  most: number;
}

/** How many requests may be in flight. */
export interface RequestWindow {
  readonly size: number;
  /** One has been answered, or has failed. */
  noteAnswer(tookMs: number): void;
}

/** An answer that takes this many times as long as the quickest ones, and some milliseconds, tells of a queue. */
const queueFactor = 3;
const slackMs = 10;
/** By so much of what an answer takes longer, the quickest one is forgotten: the server may have moved. */
const forgetting = 0.0001;

/**
 * Keeps fewer requests in flight while a server takes them more slowly than it can: more of them would only wait there, in
 * an order that nobody here decides. (After TCP Vegas: Brakmo and Peterson, IEEE JSAC 13:8, 1995.)
 */
export function createRequestWindow({ least, most }: WindowLimits): RequestWindow {
  let size = most;
  let quickestMs = Infinity;
  return {
    get size() {
      return Math.floor(size);
    },
    noteAnswer(tookMs) {
      quickestMs = tookMs < quickestMs ? tookMs : quickestMs + (tookMs - quickestMs) * forgetting;
      const isQueued = tookMs > queueFactor * quickestMs + slackMs;
      size = isQueued ? Math.max(least, size * 0.98) : Math.min(most, size + 2 / size);
    },
  };
}
