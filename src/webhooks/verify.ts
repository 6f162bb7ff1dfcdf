import type { WebhookDeclaration } from '../providers/webhook-declaration';
import { content } from './parsed-content';
import type { Handshake, WebhookEvent } from './event';
import { eventsOf } from './split-events';
import type { WebhookRequest } from './request';
import type { Refusal } from './schemes/scheme';
import { schemeOf } from './schemes';

export interface VerifiedWebhook {
  ok: true;
  /** Where there is one, it is the answer, and there are no events. */
  handshake: Handshake | null;
  /** In the order of the request; never empty where there is no handshake. */
  events: readonly WebhookEvent[];
}

/**
 * Whether a request comes from who it should come from, and what is in it. Whatever the request holds,
 * the answer is one of the two.
 * @param secrets all that are current, in plain; none of them usable is a refusal
 * @throws HoldfastError `sender_keys_unavailable` where the sender's public keys can't be had
 */
export async function verifyWebhook(
  declaration: WebhookDeclaration,
  request: WebhookRequest,
  secrets: readonly string[],
): Promise<VerifiedWebhook | Refusal> {
  const scheme = schemeOf(declaration);
  const refused = await scheme.authenticate(request, secrets);
  if (refused) return refused;
  const document = content(scheme.document?.(request) ?? request.body);
  const handshake = scheme.handshake?.(request, document) ?? null;
  const events = handshake === null ? eventsOf(declaration, scheme, request, document) : [];
  return { ok: true, handshake, events };
}

/** Whether the sender tries again what was refused. One that doesn't must not be sent away for now. */
export function sendsAgain(declaration: WebhookDeclaration): boolean {
  return declaration.retries ?? declaration.scheme !== 'github';
}
