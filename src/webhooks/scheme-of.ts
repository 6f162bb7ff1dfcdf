import type { HmacScheme, WebhookDeclaration } from '../providers/webhook-declaration';
import type { Scheme } from './scheme';
import { attio } from './schemes/attio';
import { github } from './schemes/github';
import { googlePubsub } from './schemes/google-pubsub';
import { hmacRule } from './schemes/hmac';
import { hubspot } from './schemes/hubspot';
import { none } from './schemes/none';
import { shopify } from './schemes/shopify';
import { slack } from './schemes/slack';
import { standardWebhooks } from './schemes/standard-webhooks';
import { stripe } from './schemes/stripe';
import { signed } from './signed';

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
