import { textAt, soleHeader } from '../request';
import { rejection, type SignatureRule } from './scheme';

/**
 * https://docs.attio.com/rest-api/guides/webhooks
 * The secret is the webhook's own and signs nothing else. There is no timestamp. `Idempotency-Key` is the same for every retry and every redelivery of a request,
 * and isn't signed; `X-Attio-Signature` repeats the signature. Only 200 and 202 count as received.
 */
export const attio: SignatureRule = {
  algorithm: 'sha256',
  encoding: 'hex',
  secretFormat: 'text',
  timestampUnit: 'seconds',
  toleranceSeconds: 0,
  read(request) {
    const signature =
      soleHeader(request, 'attio-signature') ?? soleHeader(request, 'x-attio-signature');
    if (signature === undefined) return rejection('missing_signature');
    return { ok: true, signatures: [signature], timestamp: null, id: null };
  },
  proofHeaders: ['attio-signature', 'x-attio-signature'],
  content: (request) => [request.body],
  requestKey: (request) => soleHeader(request, 'idempotency-key') ?? null,
  eventType: (_, event) => textAt(event, '/event_type'),
};
