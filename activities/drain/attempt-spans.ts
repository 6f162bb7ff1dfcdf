import { SpanKind, trace } from '@opentelemetry/api';
import type { DrainStep, PendingDelivery } from '../../src/db/queries/deliveries/lease';
import type { AttemptResult, ForwardResult } from '../../src/handlers/attempt-result';
import type { AttemptMeasured } from '../../src/metrics/worker-words';
import { answered, requestSpan } from '../../src/tracing/http-span';
import { inSpan, type SpanEnd, type SpanStart } from '../../src/tracing/in-span';
import { linksTo, traceparentOf } from '../../src/tracing/traceparent';
import type { RefreshAnswer } from '../../workflows/contract/messages';

/** By OpenTelemetry's conventions for messaging: a trace of its own, linked to the acceptance of what it handles. */
export function attemptSpan(
  integrationId: string,
  { provider, handler }: DrainStep,
  { id, attempts, traceparent }: PendingDelivery,
): SpanStart {
  return {
    name: 'process inbox',
    kind: SpanKind.CONSUMER,
    attributes: {
      'messaging.system': 'holdfast',
      'messaging.destination.name': 'inbox',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.message.id': id,
      'holdfast.provider': provider,
      'holdfast.integration.id': integrationId,
      'holdfast.handler': handler,
      'holdfast.attempt': attempts + 1,
    },
    asRoot: { links: linksTo(traceparent) },
  };
}

/** @param measured what it counts as */
export function attemptEnd(result: AttemptResult, measured: AttemptMeasured): SpanEnd {
  return { attributes: { 'holdfast.result': measured }, error: errorOf(result, measured) };
}

/** Runs a handler of the configuration file; what it traces itself is below that. */
export const inHandlerSpan = (name: string, run: () => Promise<AttemptResult>) =>
  inSpan(
    () => ({ name: `handler ${name}`, attributes: { 'holdfast.handler': name } }),
    run,
    (result) => ({ error: errorOf(result, 'thrown' in result ? 'thrown' : result.kind) }),
  );

/** What a handler has thrown may quote what a customer sent: its words are in no span. */
function errorOf(result: AttemptResult, type: string): SpanEnd['error'] {
  if (result.kind === 'handled' || result.kind === 'aborted') return undefined;
  return 'thrown' in result ? { type } : { type, message: result.error };
}

export const inForwardSpan = (url: string, post: () => Promise<ForwardResult>) =>
  inSpan(() => requestSpan('POST', 'destination', url), post, forwardEnd);

function forwardEnd(result: ForwardResult): SpanEnd {
  if ('status' in result && result.status !== null) return answered(result.status);
  const message = 'error' in result ? { message: result.error } : {};
  return { error: { type: result.kind === 'aborted' ? 'aborted' : 'not_answered', ...message } };
}

/**
 * Waits for a credential's actor, which asks the provider once for all who wait.
 * @param ask told the span by which the actor's request goes on with this trace, where that is sampled
 */
export const inRefreshSpan = (
  credentialId: string,
  ask: (of: { traceparent?: string }) => Promise<RefreshAnswer>,
) =>
  inSpan(
    () => ({ name: 'refresh credential', attributes: { 'holdfast.credential.id': credentialId } }),
    () => {
      const traceparent = traceparentOf(trace.getActiveSpan());
      return ask(traceparent === undefined ? {} : { traceparent });
    },
    (answer) => ({
      attributes: { 'holdfast.result': answer.kind },
      error: answer.kind === 'alive' ? undefined : { type: answer.code },
    }),
  );
