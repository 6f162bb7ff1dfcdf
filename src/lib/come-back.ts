export interface ComeBackLimits {
  shortestMs: number;
  longestMs: number;
  /** Each wait is multiplied by something between the two, so that nobody comes back together. */
  spread: readonly [from: number, to: number];
}

/**
 * When those who are turned away come back: about when it is their turn. Thousands who ask every second would be a
 * storm of their own.
 *
 * @param random from 0 to 1
 * @param now milliseconds
 */
export function comeBackTimes(
  { shortestMs, longestMs, spread: [from, to] }: ComeBackLimits,
  random: () => number,
  now: () => number,
) {
  let turns: number[] = [];
  const ahead = () => {
    const at = now();
    turns = turns.filter((turn) => turn > at);
    return turns.length;
  };
  return {
    /** How many have still to come back. */
    ahead,
    /**
     * @param places how many are served at once
     * @param eachMs how long each of them takes
     * @returns milliseconds
     */
    next(places: number, eachMs: number): number {
      const rounds = Math.ceil((ahead() + 1) / places);
      const waitMs = Math.min(Math.max(rounds * eachMs, shortestMs), longestMs);
      const comeBackMs = waitMs * (from + (to - from) * random());
      turns.push(now() + comeBackMs);
      return comeBackMs;
    },
  };
}

export type ComeBackTimes = ReturnType<typeof comeBackTimes>;
