import type { Refusal } from '../webhooks/scheme';
import { verifyWebhook, type VerifiedWebhook } from '../webhooks/verify';
import type { WebhookRequest } from '../webhooks/request';
import { notFound } from './path-ids';
import type { WebhookTarget, WebhookTargets } from './webhook-targets';

/** For an operator who looks for a reason; none of these tells a forger anything. */
const messages: Record<Refusal['reason'] | 'no_scheme', string> = {
  no_scheme: 'The provider of this integration sends no webhooks: declare `webhook` for it.',
  no_secret: 'No secret is configured that this webhook could be verified with.',
  missing_signature: 'The signature is missing.',
  malformed_signature: 'The signature is malformed.',
  wrong_signature: 'The signature does not fit the body and any current secret.',
  missing_id: 'The id of the webhook is missing.',
  missing_timestamp: 'The timestamp is missing.',
  malformed_timestamp: 'The timestamp is not a plain number.',
  stale_timestamp: 'The timestamp is too old.',
  future_timestamp: 'The timestamp is in the future.',
};

export type Verified =
  | (VerifiedWebhook & { successStatus: number | undefined })
  | { ok: false; reason: string; message: string };

/**
 * Verifies a webhook against the secrets that its integration has; where that fails, once more against those
 * that it has now.
 *
 * @throws HoldfastError `integration_not_found`
 */
export async function verifyFor(
  targets: WebhookTargets,
  integrationId: string,
  request: WebhookRequest,
): Promise<Verified> {
  const first = await targets.find(integrationId);
  const verified = await verify(first, request);
  if (verified.ok) return verified;
  const again = await targets.findAgain(integrationId);
  return again === first ? verified : verify(again, request);
}

async function verify(target: WebhookTarget | null, request: WebhookRequest): Promise<Verified> {
  if (target === null) throw notFound('int');
  const { webhook } = target.provider;
  if (webhook === undefined) return refused('no_scheme');
  const result = await verifyWebhook(webhook, request, target.secrets);
  return result.ok ? { ...result, successStatus: webhook.successStatus } : refused(result.reason);
}

const refused = (reason: keyof typeof messages): Verified => ({
  ok: false,
  reason,
  message: messages[reason],
});
