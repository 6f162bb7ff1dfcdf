import {
  context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { quietly } from './quietly';

/**
 * A span as W3C Trace Context writes it (https://www.w3.org/TR/trace-context/, section 3.2).
 * @returns undefined where it isn't sampled: nobody will look for it
 */
export function traceparentOf(span: Span | undefined): string | undefined {
  if (span === undefined) return undefined;
  const of = quietly(() => span.spanContext());
  if (of === undefined || (of.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return `00-${of.traceId}-${of.spanId}-01`;
}

/** The span that `traceparentOf` has written, in whichever process; undefined for anything else. */
export function spanContextOf(traceparent: unknown): SpanContext | undefined {
  const parts = typeof traceparent === 'string' ? written.exec(traceparent) : null;
  if (parts === null) return undefined;
  const [, traceId = '', spanId = ''] = parts;
  const of = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(of) ? of : undefined;
}

const written = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/;

/** To the span that `traceparent` names, if it names one. */
export function linksTo(traceparent: unknown): Link[] {
  const linked = spanContextOf(traceparent);
  return linked === undefined ? [] : [{ context: linked }];
}

/** Does some work below a span of another process, if `traceparent` names one. */
export function below<Result>(traceparent: unknown, work: () => Result): Result {
  const parent = spanContextOf(traceparent);
  if (parent === undefined) return work();
  return context.with(trace.setSpanContext(ROOT_CONTEXT, parent), work);
}

/** Names of headers that say in which trace a request is. */
export const traceHeaderNames: readonly string[] = ['traceparent', 'tracestate'];

/** The headers by which whoever gets a request goes on with the active span's trace; none where that isn't sampled. */
export function traceHeaders(): [name: string, value: string][] {
  const span = trace.getActiveSpan();
  const traceparent = traceparentOf(span);
  if (traceparent === undefined) return [];
  const state = quietly(() => span?.spanContext().traceState?.serialize()) ?? '';
  const headers: [string, string][] = [['traceparent', traceparent]];
  return state === '' ? headers : [...headers, ['tracestate', state]];
}
