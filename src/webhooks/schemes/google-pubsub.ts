import type { GuardedConnector, Outgoing } from '../../lib/http/guarded';
import type { GooglePubsubScheme } from '../../providers/webhook-declaration';
import { checkGoogleToken } from './google-id-token';
import { createJwks, type Jwks } from './jwks';
import { content, textAt, soleHeader, type WebhookRequest } from '../request';
import {
  genuine,
  rejection,
  type Genuine,
  type Reading,
  type Rejection,
  type Scheme,
} from './scheme';

const googleKeys = 'https://www.googleapis.com/oauth2/v3/certs';
const bearer = /^Bearer +([\w.-]+)$/i;

/** One for each address that is reached in one way: however many integrations there are, Google's keys are fetched once. */
const keySets = new WeakMap<GuardedConnector, Map<string, Jwks>>();

type ConnectedScheme = GooglePubsubScheme & { outgoing?: Outgoing };

/**
 * https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions,
 * https://cloud.google.com/pubsub/docs/push (the message, and what stands in headers without a wrapper),
 * https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
 * A token says who pushes, not what: it doesn't sign the body. There is no secret. `messageId` is unique in
 * its topic. Pub/Sub sends again whatever isn't answered 102, 200, 201, 202 or 204.
 */
export function googlePubsub(declaration: ConnectedScheme): Scheme {
  return { ...reading, authenticate: (request) => authenticate(declaration, request) };
}

const reading: Reading = {
  proofHeaders: ['authorization'],
  // Where the message's data is JSON, it is what people want to look into.
  document(request) {
    const data = textAt(content(request.body), '/message/data');
    const decoded = Buffer.from(data ?? '', 'base64');
    return content(decoded).json === undefined ? request.body : decoded;
  },
  requestKey: (request) =>
    textAt(content(request.body), '/message/messageId') ??
    soleHeader(request, 'x-goog-pubsub-message-id') ??
    null,
  // As CloudEvents on Pub/Sub: https://developers.google.com/workspace/events/guides/events-overview
  eventType: (request) => textAt(content(request.body), '/message/attributes/ce-type'),
};

async function authenticate(
  declaration: ConnectedScheme,
  request: WebhookRequest,
): Promise<Genuine | Rejection> {
  const header = soleHeader(request, 'authorization');
  if (header === undefined) return rejection('missing_signature');
  const token = bearer.exec(header)?.[1];
  if (token === undefined) return rejection('malformed_signature');
  const keys = keysOf(declaration);
  // The token is the same for many requests.
  return (await checkGoogleToken(token, declaration, keys, request.nowMs)) ?? genuine();
}

function keysOf({ keysUrl = googleKeys, outgoing }: ConnectedScheme): Jwks {
  if (outgoing === undefined) throw new TypeError('The declaration is not from the registry.');
  const byUrl = keySets.get(outgoing.connect) ?? new Map<string, Jwks>();
  keySets.set(outgoing.connect, byUrl);
  const keys = byUrl.get(keysUrl) ?? createJwks(keysUrl, outgoing.connect);
  byUrl.set(keysUrl, keys);
  return keys;
}
