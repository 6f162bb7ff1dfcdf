import { deathCodes } from '../../workflows/contract/status';

/** What became of a delivery for good. */
export const deliveryResults = ['handled', 'dead_lettered', 'expired'] as const;
export type DeliveryResult = (typeof deliveryResults)[number];

/**
 * What an attempt came to: `retried` and `dead_lettered` failed, and another one follows or not; `waits_for_token` and
 * `credential_dead` are about the token, `aborted` about this process.
 */
export type AttemptMeasured =
  'handled' | 'retried' | 'dead_lettered' | 'waits_for_token' | 'credential_dead' | 'aborted';

/** `failed` passes by itself, `application_fault` is the application's own. */
export const refreshResults = ['refreshed', 'dead', 'application_fault', 'failed'] as const;
export type RefreshMeasured = (typeof refreshResults)[number];

/** Of an attempt at a notification: `unsent` can't have arrived, `unanswered` may have. */
export type NotificationMeasured = 'delivered' | 'refused' | 'unanswered' | 'unsent';

/** `incomplete`: something that is due could not be read, which the next sweep does. */
export const sweepResults = ['completed', 'incomplete', 'failed'] as const;
export type SweepResult = (typeof sweepResults)[number];

/** What the database says may be of another version's making. */
export const notificationTypes = [
  ...['integration.error', 'integration.recovered', 'integration.inbox_full', 'app.fault'],
  ...['credential.degraded', 'credential.expiring', 'delivery.failed', 'delivery.failing'],
];
/** Of a change of status. */
export const codes = [...deathCodes, 'switched_off', 'switched_on', 'reauthorized', 'created'];

/** In seconds; the last but infinity is as long as the part of the system waits. */
export const buckets = {
  attempt: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  // What is parked waits for a person: hours, or days.
  latency: [
    ...[0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
    ...[3_600, 14_400, 43_200, 86_400, 259_200, 604_800],
  ],
  refresh: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
};
