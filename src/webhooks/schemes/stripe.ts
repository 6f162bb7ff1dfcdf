import { textAt, soleHeader } from '../request';
import { maxSignatures, rejection, type SignatureRule } from './scheme';

/**
 * https://docs.stripe.com/webhooks/signature, https://docs.stripe.com/webhooks#handle-duplicate-events
 * `t=…,v1=…`, with several `v1` while a secret is rotated; `v0` is of test mode and says nothing.
 * The secret is the endpoint's own, and signs nothing else. What an app's extension sends its backend has the same form,
 * but is signed with the app's secret, `absec_…` (https://docs.stripe.com/stripe-apps/build-backend), which is not to be used here.
 * A thin event's `context` is an account, or a path to one: `acct_platform/acct_connected`.
 */
export const stripe: SignatureRule = {
  algorithm: 'sha256',
  encoding: 'hex',
  secretFormat: 'text',
  timestampUnit: 'seconds',
  toleranceSeconds: 300,
  read(request) {
    const header = soleHeader(request, 'stripe-signature');
    if (header === undefined) return rejection('missing_signature');
    const entries = header.split(',', maxSignatures);
    const valuesOf = (name: string) =>
      entries.flatMap((entry) => (entry.startsWith(name) ? [entry.slice(name.length)] : []));
    const [timestamp, ...more] = valuesOf('t=');
    if (timestamp === undefined) return rejection('missing_timestamp');
    if (more.length > 0) return rejection('malformed_timestamp');
    return { ok: true, signatures: valuesOf('v1='), timestamp, id: null };
  },
  proofHeaders: ['stripe-signature'],
  content: (request, { timestamp }) => [`${timestamp ?? ''}.`, request.body],
  eventKey: (event) => textAt(event, '/id'),
  eventType: (_, event) => textAt(event, '/type'),
  account: (named) => named.slice(named.lastIndexOf('/') + 1),
};
