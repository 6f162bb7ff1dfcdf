import { soleHeader, type Content, type WebhookRequest } from '../request';
import { rejection, type SignatureRule } from './scheme';

/**
 * https://shopify.dev/docs/apps/build/webhooks/verify-deliveries,
 * https://shopify.dev/docs/apps/build/webhooks/ignore-duplicates
 * The secret is the app's client secret. There is no timestamp, and only the body is signed: neither the
 * event's id nor the shop. Events of the newer kind drop the `X-` of the headers' names.
 *
 * The same secret signs the query of OAuth redirects and of what the admin and an app proxy call
 * (https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant#step-1-verify-the-installation-request,
 * https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies), and session tokens
 * (https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens), all with SHA-256, and a merchant sees them:
 * posted here as a body, any of them would be verified. An app proxy's is shaped by whoever visits the shop, since it signs
 * the visitor's own parameters beside its `shop` and `timestamp`: into JSON, or into the XML that a subscription may ask for
 * (https://shopify.dev/docs/api/admin-graphql/latest/enums/WebhookSubscriptionFormat). But parameters are signed in the order
 * of their bytes, and `{` comes after both names, so that no such text begins with it, as webhooks do. What begins otherwise
 * must not hold both.
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
  proofHeaders: ['x-shopify-hmac-sha256', 'shopify-hmac-sha256'],
  content: (request) => [request.body],
  isWebhook: (document) =>
    document.bytes[0] === openBrace
      ? isObject(document.json)
      : (isObjects(document.json) || isXml(document)) && !holdsParameters(document),
  requestKey(request) {
    const id = header(request, 'event-id');
    return id === undefined ? null : `${header(request, 'topic') ?? ''}:${id}`;
  },
  eventType: (request) => header(request, 'topic') ?? null,
};

const openBrace = 0x7b;

const isObject = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

const isObjects = (json: unknown): boolean =>
  Array.isArray(json) ? json.every(isObject) : isObject(json);

/** The declaration ends within this. */
const xmlDeclarationBytes = 100;

const isXml = ({ bytes }: Content): boolean =>
  /^<\?xml [^<>]*\?>/.test(bytes.toString('latin1', 0, xmlDeclarationBytes)) &&
  />\s*$/.test(bytes.toString('latin1', bytes.length - xmlDeclarationBytes));

/** What every text has that Shopify signs for a browser to bring. */
const holdsParameters = ({ bytes }: Content): boolean =>
  bytes.includes('shop=') && /timestamp=\d/.test(bytes.toString('latin1'));

const header = (request: WebhookRequest, name: string) =>
  soleHeader(request, `x-shopify-${name}`) ?? soleHeader(request, `shopify-${name}`);
