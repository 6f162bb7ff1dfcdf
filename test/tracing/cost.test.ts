import { inSpan } from '../../src/tracing/in-span';
import { findTracer } from '../../src/tracing/tracer';

const [rounds, times] = [60, 2_000];

/** Processor time of one, in microseconds. */
async function costOf(once: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let n = 0; n < times; n++) await once();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

test('where no SDK is brought nothing is traced, and a span costs less than a microsecond', async () => {
  expect(findTracer()).toBeUndefined();
  const work = () => Promise.resolve(1);
  const start = () => {
    throw new Error('nobody asks how it would begin');
  };
  const least = { bare: Infinity, traced: Infinity };
  // In turn, and the least of many short rounds: others, and what tidies up beside it, disturb some of them.
  for (let n = 0; n < rounds; n++) {
    least.bare = Math.min(least.bare, await costOf(work));
    least.traced = Math.min(least.traced, await costOf(() => inSpan(start, work, () => ({}))));
  }
  expect(least.traced - least.bare).toBeLessThan(1);
});
