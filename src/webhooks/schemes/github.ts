import { textAt, soleHeader } from '../request';
import { rejection, type SignatureRule } from './scheme';

const prefix = 'sha256=';

/**
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 * The secret is the webhook's own and signs nothing else, so that the body may be anything (GitHub's own example is no JSON).
 * There is no timestamp, and the delivery's id is not signed. `ping` is an event like any other.
 */
export const github: SignatureRule = {
  algorithm: 'sha256',
  encoding: 'hex',
  secretFormat: 'text',
  timestampUnit: 'seconds',
  toleranceSeconds: 0,
  read(request) {
    const header = soleHeader(request, 'x-hub-signature-256');
    if (header === undefined) return rejection('missing_signature');
    if (!header.startsWith(prefix)) return rejection('malformed_signature');
    return { ok: true, signatures: [header.slice(prefix.length)], timestamp: null, id: null };
  },
  // The older one is of the same secret.
  proofHeaders: ['x-hub-signature-256', 'x-hub-signature'],
  content: (request) => [request.body],
  requestKey: (request) => soleHeader(request, 'x-github-delivery') ?? null,
  eventType: (request) => soleHeader(request, 'x-github-event') ?? null,
  action: (event) => textAt(event, '/action'),
};
