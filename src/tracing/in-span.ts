import {
  type Attributes,
  context,
  type Link,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { quietly } from './quietly';
import { findTracer } from './tracer';

/** A span as it begins. Its name is one of few; nothing in it is a secret, a person's id, or what somebody sent. */
export interface SpanStart {
  name: string;
  /** Default: INTERNAL. */
  kind?: SpanKind;
  attributes: Attributes;
  /** Begins a trace of its own, linked to these. */
  asRoot?: { links: Link[] };
}

/** What is known at its end. */
export interface SpanEnd {
  attributes?: Attributes;
  /** `type` is a word of few, `message` a sentence of ours. */
  error?: { type: string; message?: string } | undefined;
}

/**
 * Does some work in a span, which is the active one meanwhile; where nothing is traced it does the work. What the operator's SDK
 * throws is told to OpenTelemetry's own log, and stops nothing.
 *
 * @param endOf what the result comes to
 */
export async function inSpan<Result>(
  start: () => SpanStart,
  work: () => Promise<Result>,
  endOf: (result: Result) => SpanEnd,
): Promise<Result> {
  const span = beginSpan(start);
  if (span === undefined) return work();
  let ending: SpanEnd = { error: { type: 'thrown' } };
  try {
    const result = await context.with(trace.setSpan(context.active(), span), work);
    ending = endOf(result);
    return result;
  } finally {
    endSpan(span, ending);
  }
}

/** @returns undefined where nothing is traced */
export function beginSpan(start: () => SpanStart): Span | undefined {
  const tracer = quietly(findTracer);
  if (tracer === undefined) return undefined;
  const { name, kind = SpanKind.INTERNAL, attributes, asRoot } = start();
  return quietly(() =>
    tracer.startSpan(name, {
      ...{ kind, attributes },
      ...(asRoot === undefined ? {} : { root: true, links: asRoot.links }),
    }),
  );
}

/** Adds to what a span tells. */
export function note(span: Span | null, attributes: Attributes): void {
  quietly(() => span?.setAttributes(attributes));
}

export function endSpan(span: Span, { attributes = {}, error }: SpanEnd): void {
  quietly(() => {
    span.setAttributes(attributes);
    if (error !== undefined) {
      const { type, message } = error;
      span.setAttribute('error.type', type);
      span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) });
    }
    span.end();
  });
}
