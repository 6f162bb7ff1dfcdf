import { trace, TraceFlags } from '@opentelemetry/api';
import { linksTo, spanContextOf, traceparentOf } from '../../src/tracing/traceparent';

const of = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const written = `00-${of.traceId}-${of.spanId}-01`;

test('a span is written if it is sampled, and read again as another process’s', () => {
  const sampled = trace.wrapSpanContext({ ...of, traceFlags: TraceFlags.SAMPLED });
  expect(traceparentOf(sampled)).toBe(written);
  expect(traceparentOf(trace.wrapSpanContext({ ...of, traceFlags: TraceFlags.NONE }))).toBe(
    undefined,
  );
  expect(traceparentOf(undefined)).toBe(undefined);
  expect(spanContextOf(written)).toEqual({ ...of, traceFlags: 1, isRemote: true });
});

test.each([
  ['nothing', null],
  ['no text', 7],
  ['an empty text', ''],
  ['another version', written.replace('00-', '01-')],
  ['a trace that can’t be', `00-${'0'.repeat(32)}-${of.spanId}-01`],
  ['one that isn’t sampled', written.replace('-01', '-00')],
  ['more behind it', `${written}-${'x'.repeat(1_000)}`],
])('what is no span of ours links to nothing: %s', (_what, text) => {
  expect(linksTo(text)).toEqual([]);
});
