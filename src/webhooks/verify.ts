import type {
  ConnectedWebhook,
  HmacScheme,
  WebhookDeclaration,
} from '../providers/webhook-declaration';
import type { Handshake, WebhookEvent } from './event';
import { content, type WebhookRequest } from './request';
import { attio } from './schemes/attio';
import { github } from './schemes/github';
import { googlePubsub } from './schemes/google-pubsub';
import { hmacRule } from './schemes/hmac';
import { hubspot } from './schemes/hubspot';
import { none } from './schemes/none';
import { rejection, type Rejection, type Scheme } from './schemes/scheme';
import { shopify } from './schemes/shopify';
import { slack } from './schemes/slack';
import { standardWebhooks } from './schemes/standard-webhooks';
import { stripe } from './schemes/stripe';
import { signed } from './signature';
import { eventsOf, headerAccount } from './split-events';

export interface VerifiedWebhook {
  ok: true;
  /** What it was verified by. */
  declaration: WebhookDeclaration;
  /** Where there is one, it is the answer, and there are no events. */
  handshake: Handshake | null;
  /** In the order of the request; never empty where there is no handshake. */
  events: readonly WebhookEvent[];
  /** Set where a header may name the account, which the signature then doesn't cover. */
  unsignedAccount?: UnsignedAccount;
}

interface UnsignedAccount {
  /** As the header has it; null where it isn't there. */
  named: string | null;
  /** What the request was verified by. */
  signatures: readonly Buffer[];
}

/**
 * Whether a request comes from who it should come from, and what is in it. Whatever the request holds,
 * the answer is one of the two.
 * @param declaration undefined where the provider declares no webhooks
 * @param secrets all that are current, in plain; none of them usable is a rejection
 * @throws HoldfastError `sender_keys_unavailable` where the sender's public keys can't be had
 */
export async function verifyWebhook(
  declaration: ConnectedWebhook | undefined,
  request: WebhookRequest,
  secrets: readonly string[],
): Promise<VerifiedWebhook | Rejection> {
  if (declaration === undefined) return rejection('no_scheme');
  const scheme = schemeOf(declaration);
  const unsigned = scheme.unsignedHandshake?.(request) ?? null;
  if (unsigned !== null) return { ok: true, declaration, handshake: unsigned, events: [] };
  const proof = await scheme.authenticate(request, secrets);
  if (!proof.ok) return proof;
  const document = content(scheme.document?.(request) ?? request.body);
  // Only once the signature fits, so that nobody learns from this what was signed.
  if (scheme.isWebhook?.(document) === false) return rejection('unexpected_body');
  const handshake = scheme.handshake?.(request, document) ?? null;
  if (handshake !== null) return { ok: true, declaration, handshake, events: [] };
  const events = eventsOf(declaration, scheme, request, document);
  const verified: VerifiedWebhook = { ok: true, declaration, handshake, events };
  if (declaration.accountHeader === undefined) return verified;
  const { signatures } = proof;
  return {
    ...verified,
    unsignedAccount: { named: headerAccount(declaration, request), signatures },
  };
}

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

/** Headers of a known sender go together: whoever sends one of them sends the others, made with the same secret. */
const families = Object.values(named).map(({ proofHeaders }) => proofHeaders);

/**
 * The headers, in lower case, that prove the requests of a sender: of an unknown one those of every known sender.
 */
export function proofHeaders(declaration: WebhookDeclaration | undefined): readonly string[] {
  if (declaration === undefined) return families.flat();
  const own = schemeOf(declaration).proofHeaders;
  return [own, ...families.filter((family) => own.some((name) => family.includes(name)))].flat();
}

/** The bytes of the signatures that a request has, genuine or not. */
export const presentedSignatures = (
  declaration: WebhookDeclaration,
  request: WebhookRequest,
): readonly Buffer[] => schemeOf(declaration).presented?.(request) ?? [];

/** Whether a signature is good for one account only, since the account isn't part of what is signed. */
export const isForOneAccount = (declaration: WebhookDeclaration): boolean =>
  declaration.accountHeader !== undefined && schemeOf(declaration).presented !== undefined;

/** Whether a sender's repeats can be known at all. */
export function knowsRepeats(declaration: WebhookDeclaration): boolean {
  if (declaration.dedupe !== undefined) return declaration.dedupe !== 'none';
  const scheme = schemeOf(declaration);
  return scheme.requestKey !== undefined || scheme.eventKey !== undefined;
}

const described = new WeakMap<HmacScheme, Scheme>();

function schemeOf(declaration: ConnectedWebhook): Scheme {
  if (declaration.scheme === 'google-pubsub') return googlePubsub(declaration);
  if (declaration.scheme !== 'hmac') return named[declaration.scheme];
  const scheme = described.get(declaration) ?? signed(hmacRule(declaration));
  described.set(declaration, scheme);
  return scheme;
}
