import { inSpan } from '../../src/tracing/in-span';
import { findTracer } from '../../src/tracing/tracer';

const [rounds, times] = [5, 20_000];

/** Processor time of one, in microseconds: the least of some rounds, of which others may disturb all but one. */
async function costOf(once: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let n = 0; n < rounds; n++) {
    const before = process.cpuUsage();
    for (let m = 0; m < times; m++) await once();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / times);
  }
  return least;
}

test('where no SDK is brought nothing is traced, and a span costs less than a microsecond', async () => {
  expect(findTracer()).toBeUndefined();
  const work = () => Promise.resolve(1);
  const start = () => {
    throw new Error('nobody asks how it would begin');
  };
  const bare = await costOf(work);
  const traced = await costOf(() => inSpan(start, work, () => ({})));
  expect(traced - bare).toBeLessThan(1);
});
