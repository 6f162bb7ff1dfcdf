import type { HmacScheme, WebhookDeclaration } from '../../providers/webhook-declaration';
import type { Scheme } from './scheme';
import { attio } from './attio';
import { github } from './github';
import { googlePubsub } from './google-pubsub';
import { hmacRule } from './hmac';
import { hubspot } from './hubspot';
import { none } from './none';
import { shopify } from './shopify';
import { slack } from './slack';
import { standardWebhooks } from './standard-webhooks';
import { stripe } from './stripe';
import { signed } from './hmac-signature';

const named = {
  'standard-webhooks': standardWebhooks,
  attio: signed(attio),
  github: signed(github),
  hubspot: signed(hubspot),
  none,
  shopify: signed(shopify),
  slack: signed(slack),
  stripe: signed(stripe),
} satisfies Record<string, Scheme>;

const described = new WeakMap<HmacScheme, Scheme>();

export function schemeOf(declaration: WebhookDeclaration): Scheme {
  if (declaration.scheme === 'google-pubsub') return googlePubsub(declaration);
  if (declaration.scheme !== 'hmac') return named[declaration.scheme];
  const scheme = described.get(declaration) ?? signed(hmacRule(declaration));
  described.set(declaration, scheme);
  return scheme;
}
