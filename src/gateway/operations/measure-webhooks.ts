import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AcceptedDelivery } from '../../db/queries/deliveries/new-delivery';
import { type GatewayMetrics, unknownProvider, type WebhookEnd } from '../../metrics/gateway';
import { hungUpStatus, onRequestEnd } from './request-end';

declare module 'fastify' {
  interface FastifyRequest {
    /** What became of a request with webhooks that was let in. */
    webhookEnd: WebhookEnd;
  }
}

/** What is measured of webhooks. */
export interface WebhookMeasures {
  /** Those of a request that were stored, or known. */
  taken(request: FastifyRequest, deliveries: readonly AcceptedDelivery[]): void;
  /** @param reason a word of ours, never the sender's */
  rejected(request: FastifyRequest, reason: string): void;
}

const unmeasured: WebhookMeasures = { taken: () => undefined, rejected: () => undefined };

/** The more was done for a request, the earlier. */
const ends = ['accepted', 'parked', 'duplicate', 'discarded'] as const;

/** Measures the webhooks of all routes of `app`. @param metrics undefined: nothing is measured */
export function measureWebhooks(
  app: FastifyInstance,
  metrics: GatewayMetrics | undefined,
): WebhookMeasures {
  if (metrics === undefined) return unmeasured;
  app.decorateRequest('webhookEnd', 'none');
  onRequestEnd(app, (request, status, seconds) =>
    metrics.webhookEnded(endOf(status) ?? request.webhookEnd, seconds),
  );
  const providerOf = ({ arrival }: FastifyRequest) => arrival?.provider ?? unknownProvider;
  return {
    taken: (request, deliveries) => {
      const provider = providerOf(request);
      for (const { outcome } of deliveries) metrics.delivery(provider, outcome);
      request.webhookEnd =
        ends.find((end) => deliveries.some(({ outcome }) => outcome === end)) ?? 'none';
    },
    rejected: (request, reason) => metrics.rejection(providerOf(request), reason),
  };
}

/** @returns undefined where it was let in */
function endOf(status: number): WebhookEnd | undefined {
  if (status < 400) return undefined;
  if (status === hungUpStatus) return 'aborted';
  if (status === 503) return 'unavailable';
  return status === 500 ? 'failed' : 'rejected';
}
