import type { WebhookDeclaration, WebhookScheme } from '../providers/webhook-declaration';
import { soleHeader, type WebhookRequest } from './request';

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

/** How a sender is answered. */
export interface SenderAnswer {
  /** Of what was taken. */
  status: number;
  /** Of whatever it is answered, errors too. */
  body: 'json' | 'empty';
}

/**
 * What the declaration says goes before what is known of a scheme. Slack's forms (commands and interactions) want 200,
 * and take what stands in the body for a message to the person
 * (https://docs.slack.dev/interactivity/implementing-slash-commands#responding_with_http_200) or for an error of
 * the modal (https://docs.slack.dev/surfaces/modals).
 */
export function senderAnswer(
  { scheme, successStatus, answerBody }: WebhookDeclaration,
  request: Pick<WebhookRequest, 'rawHeaders'>,
): SenderAnswer {
  const wantsNothing = scheme === 'slack' && isForm(request);
  return {
    status: successStatus ?? (wantsNothing ? 200 : 202),
    body: answerBody ?? (wantsNothing ? 'empty' : 'json'),
  };
}

/** https://url.spec.whatwg.org/#application/x-www-form-urlencoded, whatever parameters follow. */
export function isForm(request: Pick<WebhookRequest, 'rawHeaders'>): boolean {
  const type = soleHeader(request, 'content-type') ?? '';
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type);
}
