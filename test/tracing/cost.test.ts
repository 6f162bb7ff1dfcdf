import { beginSpan } from '../../src/tracing/in-span';
import { findTracer } from '../../src/tracing/tracer';
import { costOf } from '../support/cost-of';

test('where no SDK is brought nothing is traced, and looking for one costs less than a microsecond', () => {
  expect(findTracer()).toBeUndefined();
  const start = () => {
    throw new Error('nobody asks how it would begin');
  };
  expect(beginSpan(start)).toBeUndefined();
  expect(costOf(() => beginSpan(start), 40, 10_000)).toBeLessThan(1);
});
