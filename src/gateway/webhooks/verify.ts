import { HoldfastError } from '../../lib/errors';
import type { WebhookDeclaration } from '../../providers/webhook-declaration';
import type { WebhookRequest } from '../../webhooks/request';
import type { Refusal } from '../../webhooks/schemes/scheme';
import { verifyWebhook, type VerifiedWebhook } from '../../webhooks/verify';
import type { WebhookTarget, WebhookTargets } from './targets';

/** For an operator who looks for a reason; none of these tells a forger anything. */
const messages = {
  no_scheme: 'This provider sends no webhooks: declare `webhook` for it.',
  no_secret: 'No secret is configured that this webhook could be verified with.',
  missing_signature: 'The signature is missing.',
  malformed_signature: 'The signature is malformed.',
  wrong_signature: 'The signature does not fit the body and any current secret.',
  missing_id: 'The id of the webhook is missing.',
  missing_timestamp: 'The timestamp is missing.',
  malformed_timestamp: 'The timestamp is not a plain number.',
  stale_timestamp: 'The timestamp is too old.',
  future_timestamp: 'The timestamp is in the future.',
  wrong_audience: 'The token is for another audience than the declared one.',
  wrong_sender: 'The token is from another service account than the declared one.',
} satisfies Record<Refusal['reason'] | 'no_scheme', string>;

export type Verified =
  | (VerifiedWebhook & { declaration: WebhookDeclaration })
  | { ok: false; reason: keyof typeof messages };

/** What a sender is told whose webhook was not let in. */
export const notVerified = (reason: keyof typeof messages): HoldfastError =>
  new HoldfastError('invalid_signature', messages[reason]);

/**
 * Verifies a webhook against the secrets that its integration has; where that fails, once more against those
 * that it has now.
 *
 * @returns null where there is no such integration
 */
export async function verifyFor(
  targets: WebhookTargets,
  integrationId: string,
  request: WebhookRequest,
): Promise<Verified | null> {
  const first = await targets.find(integrationId);
  const verified = await verifyTarget(first, request);
  if (verified === null || verified.ok) return verified;
  const again = await targets.findAgain(integrationId);
  return again === first ? verified : verifyTarget(again, request);
}

async function verifyTarget(
  target: WebhookTarget | null,
  request: WebhookRequest,
): Promise<Verified | null> {
  return target === null ? null : verifyWith(target.provider.webhook, request, target.secrets);
}

/** Verifies a webhook against these secrets. */
export async function verifyWith(
  declaration: WebhookDeclaration | undefined,
  request: WebhookRequest,
  secrets: readonly string[],
): Promise<Verified> {
  if (declaration === undefined) return { ok: false, reason: 'no_scheme' };
  const result = await verifyWebhook(declaration, request, secrets);
  return result.ok ? { ...result, declaration } : result;
}
