import type { WebhookDeclaration, WebhookScheme } from '../providers/webhook-declaration';

/** What a sender does with an answer that asks it to wait (429). */
export type SenderHabit =
  /** It sends the webhook again later. */
  | 'retries'
  /** It never sends that webhook again. */
  | 'loses_event'
  /** A few of those, and it sends nothing any more. */
  | 'loses_subscription';

/**
 * GitHub sends nothing again by itself
 * (https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries). Shopify deletes a
 * subscription after 8 failures in a row (https://shopify.dev/docs/apps/build/webhooks/troubleshooting-webhooks). Slack
 * switches an app's events off where fewer than 5 % of an hour's are answered 200
 * (https://docs.slack.dev/reference/events/app_rate_limited), and sends commands and interactions once.
 */
const habits: Partial<Record<WebhookScheme['scheme'], SenderHabit>> = {
  github: 'loses_event',
  shopify: 'loses_subscription',
  slack: 'loses_subscription',
};

/** What a refusal for load costs: `retries` of the declaration goes before what is known of its scheme. */
export function senderHabit({ scheme, retries }: WebhookDeclaration): SenderHabit {
  if (retries === true) return 'retries';
  return habits[scheme] ?? (retries === false ? 'loses_event' : 'retries');
}
