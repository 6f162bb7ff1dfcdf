/**
 * Processor time of one, in microseconds: the least of some rounds, of which others may disturb all but one.
 * @param times of each round
 */
export function costOf(once: () => unknown, rounds: number, times: number): number {
  const round = () => {
    const before = process.cpuUsage();
    for (let n = 0; n < times; n++) once();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / times;
  };
  return Math.min(...Array.from({ length: rounds }, round));
}
