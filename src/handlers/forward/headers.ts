import { hopByHopNames } from '../../lib/http/hop-by-hop';
import { signStandardWebhook } from '../../webhooks/sign';
import type { HeaderList } from '../../webhooks/stored-headers';
import type { StoredDelivery } from '../custom/delivery';

const notForwarded = ['host', 'authorization', 'cookie', 'content-length'];
const signatureNames = new Set(['webhook-id', 'webhook-timestamp', 'webhook-signature']);

/**
 * The headers of a forwarded delivery, name, value, name, value, …
 * @throws Error where it can't be signed
 */
export function forwardHeaders(request: ForwardRequest, now: Date): string[] {
  const { delivery, secrets, credentialVersion } = request;
  const signature = signStandardWebhook({ id: delivery.id, body: delivery.body, secrets, now });
  const headers: HeaderList = [
    ...originals(delivery.headers),
    ['content-length', String(delivery.body.length)],
    ...Object.entries(signature),
    ['holdfast-integration', delivery.integrationId],
    ['holdfast-user', delivery.userId],
    ['holdfast-provider', delivery.provider],
    ['holdfast-received-at', delivery.receivedAt.toISOString()],
    ['holdfast-attempt', String(delivery.attempt)],
    ['holdfast-sequence', request.sequence],
  ];
  const version: HeaderList =
    credentialVersion === null ? [] : [['holdfast-credential-version', String(credentialVersion)]];
  return [...headers, ...version].flat();
}

/** A sender's header named `holdfast-…` is dropped: the destination takes those for ours. */
function originals(headers: HeaderList): HeaderList {
  const dropped = new Set([...hopByHopNames(headers), ...notForwarded]);
  return headers
    .filter(([name]) => !dropped.has(name.toLowerCase()) && !/^holdfast-/i.test(name))
    .map(([name, value]) =>
      signatureNames.has(name.toLowerCase())
        ? [`holdfast-original-${name.toLowerCase()}`, value]
        : [name, value],
    );
}

/** A delivery on its way to its destination. */
export interface ForwardRequest {
  delivery: StoredDelivery;
  destinationUrl: string;
  /** `whsec_…`; each of them signs. */
  secrets: readonly string[];
  /** Decimal digits; rises in the order of receipt for one integration. */
  sequence: string;
  /** Null where the integration has no credential. */
  credentialVersion: number | null;
}
