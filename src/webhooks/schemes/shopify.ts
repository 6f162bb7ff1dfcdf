import { soleHeader, type WebhookRequest } from '../request';
import { rejection, type SignatureRule } from './scheme';

/**
 * https://shopify.dev/docs/apps/build/webhooks/verify-deliveries,
 * https://shopify.dev/docs/apps/build/webhooks/ignore-duplicates
 * The secret is the app's client secret. There is no timestamp, and only the body is signed: neither the
 * event's id nor the shop. Events of the newer kind drop the `X-` of the headers' names.
 *
 * One event may come under several topics, and each is a webhook of its own: the key is made of both.
 * Several subscriptions to one topic are one to it, as Shopify says.
 */
export const shopify: SignatureRule = {
  algorithm: 'sha256',
  encoding: 'base64',
  secretFormat: 'text',
  timestampUnit: 'seconds',
  toleranceSeconds: 0,
  read(request) {
    const signature = header(request, 'hmac-sha256');
    if (signature === undefined) return rejection('missing_signature');
    return { ok: true, signatures: [signature], timestamp: null, id: null };
  },
  content: (request) => [request.body],
  requestKey(request) {
    const id = header(request, 'event-id');
    return id === undefined ? null : `${header(request, 'topic') ?? ''}:${id}`;
  },
  eventType: (request) => header(request, 'topic') ?? null,
};

const header = (request: WebhookRequest, name: string) =>
  soleHeader(request, `x-shopify-${name}`) ?? soleHeader(request, `shopify-${name}`);
