import type { WebhookDeclaration } from '../providers/provider';
import { bodyKey, senderKey } from './dedupe';
import type { WebhookRequest } from './request';
import type { Refusal, Scheme } from './scheme';
import { github } from './schemes/github';
import { hmacRule } from './schemes/hmac';
import { none } from './schemes/none';
import { standardWebhooks } from './schemes/standard-webhooks';
import { signed } from './signed';

export interface VerifiedWebhook {
  ok: true;
  /** Whole, as the sender wrote it; see `dedupeHash` and `displayText` for what is stored. */
  dedupeKey: string;
  eventType: string | null;
}

/**
 * Whether a request comes from who it should come from. Never rejects: whatever the request holds,
 * the answer is one of the two.
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
  return {
    ok: true,
    dedupeKey: dedupeKey === null ? bodyKey(request.body) : senderKey(dedupeKey),
    eventType,
  };
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
