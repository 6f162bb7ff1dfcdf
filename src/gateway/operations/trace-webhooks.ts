import { type Span, SpanKind } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { beginSpan, endSpan, note, type SpanEnd, type SpanStart } from '../../tracing/in-span';
import { findTracer } from '../../tracing/tracer';
import { traceparentOf } from '../../tracing/traceparent';
import type { WebhookMeasures } from './measure-webhooks';
import { hungUpStatus, onRequestEnd } from './request-end';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a request with webhooks; null where it isn't traced. */
    acceptSpan: Span | null;
    /** The same as it is stored, where it is sampled. */
    traceparent: string | undefined;
  }
}

/**
 * Traces the webhooks of all routes of `app`, each request in a trace of its own: what its sender says of a trace is anybody's
 * word, by which anybody could have theirs sampled. Where no SDK has been brought nothing is added to the way of a request.
 *
 * @param publicUrl by which senders reach the gateway
 * @returns `measures`, and what notes the same on spans
 */
export function traceWebhooks(
  app: FastifyInstance,
  publicUrl: string,
  measures: WebhookMeasures,
): WebhookMeasures {
  app.decorateRequest('acceptSpan', null);
  app.decorateRequest('traceparent', undefined);
  if (findTracer() === undefined) return measures;
  const scheme = new URL(publicUrl).protocol.slice(0, -1);
  app.addHook('onRequest', (request, _reply, next) => {
    const span = beginSpan(() => acceptSpan(request, scheme));
    if (span !== undefined) {
      request.acceptSpan = span;
      request.traceparent = traceparentOf(span);
    }
    next();
  });
  onRequestEnd(app, ({ acceptSpan: span, arrival }, status) => {
    if (span === null) return;
    const { attributes, error } = answeredSender(status);
    endSpan(span, { attributes: { ...whomFor(arrival), ...attributes }, error });
  });
  return {
    taken: (request, deliveries) => {
      measures.taken(request, deliveries);
      const [first] = deliveries;
      note(request.acceptSpan, {
        'holdfast.deliveries': deliveries.length,
        ...(first !== undefined && { 'holdfast.outcome': first.outcome }),
        ...(first !== undefined && first.id !== null && { 'messaging.message.id': first.id }),
      });
    },
    rejected: (request, reason) => {
      measures.rejected(request, reason);
      note(request.acceptSpan, { 'holdfast.rejection': reason });
    },
  };
}

/** By OpenTelemetry's conventions for HTTP servers; the path is given once it is known to be one of ours. */
function acceptSpan(request: FastifyRequest, scheme: string): SpanStart {
  const { url: route = '' } = request.routeOptions;
  return {
    name: `${request.method} ${route}`,
    kind: SpanKind.SERVER,
    attributes: {
      'http.request.method': request.method,
      'http.route': route,
      'url.scheme': scheme,
    },
    // An instrumentation of the server may have begun one by the sender's word.
    asRoot: { links: [] },
  };
}

function whomFor(arrival: FastifyRequest['arrival']): Record<string, string> {
  if (arrival === null) return {};
  const { of, target, provider } = arrival;
  return {
    'url.path': `/webhooks/${target}`,
    'holdfast.provider': provider,
    ...('integrationId' in of && { 'holdfast.integration.id': of.integrationId }),
  };
}

/** A sender's own mistake is no error of the server's. */
function answeredSender(status: number): SpanEnd {
  if (status === hungUpStatus) return { attributes: { 'error.type': 'aborted' } };
  return {
    attributes: { 'http.response.status_code': status },
    error: status < 500 ? undefined : { type: String(status) },
  };
}
