import type { WebhookDeclaration } from '../providers/provider';
import { bodyKey, senderKey } from './dedupe';
import type { Handshake, WebhookEvent } from './event';
import type { WebhookRequest } from './request';
import type { Refusal, Scheme } from './scheme';
import { github } from './schemes/github';
import { hmacRule } from './schemes/hmac';
import { none } from './schemes/none';
import { standardWebhooks } from './schemes/standard-webhooks';
import { signed } from './signed';

export interface VerifiedWebhook {
  ok: true;
  /** Where there is one, it is the answer, and there are no events. */
  handshake: Handshake | null;
  /** In the order of the request; never empty where there is no handshake. */
  events: readonly WebhookEvent[];
}

/**
 * Whether a request comes from who it should come from, and what is in it. Never rejects: whatever the
 * request holds, the answer is one of the two.
 * @param secrets all that are current, in plain; none of them usable is a refusal
 */
export async function verifyWebhook(
  declaration: WebhookDeclaration,
  request: WebhookRequest,
  secrets: readonly string[],
): Promise<VerifiedWebhook | Refusal> {
  const scheme = schemeOf(declaration);
  const refused = await scheme.authenticate(request, secrets);
  if (refused) return refused;
  const { dedupeKey, eventType } = scheme.describe(request);
  const event: WebhookEvent = {
    body: request.body,
    dedupeKey: dedupeKey === null ? bodyKey(request.body) : senderKey(dedupeKey),
    eventType,
    account: null,
  };
  return { ok: true, handshake: null, events: [event] };
}

/** Whether the sender tries again what was refused. One that doesn't must not be sent away for now. */
export function sendsAgain(declaration: WebhookDeclaration): boolean {
  return declaration.retries ?? declaration.scheme !== 'github';
}

function schemeOf(declaration: WebhookDeclaration): Scheme {
  switch (declaration.scheme) {
    case 'standard-webhooks':
      return signed(standardWebhooks);
    case 'github':
      return signed(github);
    case 'hmac':
      return signed(hmacRule(declaration));
    case 'none':
      return none;
  }
}
