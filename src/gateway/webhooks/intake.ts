import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AcceptedDelivery, NewDelivery } from '../../db/queries/deliveries/new-delivery';
import type { HoldfastError } from '../../lib/errors';
import { newId } from '../../lib/ids';
import type { InboxSignals } from '../../temporal/inbox-signals';
import type { WebhookEvent } from '../../webhooks/event';
import type { WebhookRequest } from '../../webhooks/request';
import type { Rejection } from '../../webhooks/schemes/scheme';
import { senderHabit } from '../../webhooks/sender-habits';
import { sameBodySeconds } from '../../webhooks/dedupe-key';
import { viaHeader } from '../../webhooks/via';
import { displayText, storedKey } from '../../webhooks/split-events';
import { keptHeaders } from '../../webhooks/stored-headers';
import type { VerifiedWebhook } from '../../webhooks/verify';
import { targetOf } from './arrival';
import type { AskAboutGrants } from './ask-about-grants';
import type { InboxWriter } from './inbox-writer';
import type { WebhookMeasures } from '../operations/measure-webhooks';
import { refuseLoop, type Installation } from './repeats/loops';
import type { KeySameBodies } from './repeats/same-bodies';
import type { RejectedFor, RejectionLog } from './rejection-log';
import { answerHandshake, answerTaken } from './sender-answers';
import { type NotStored, storeDeliveries, type UserDelivery } from './store-deliveries';
import type { UnverifiedLimit } from './unverified-limit';
import type { VerifiedPairs } from './verified-pairs';
import { notVerified } from './verify';

/** What taking webhooks needs, made once for a gateway. */
export interface Intake {
  /** How senders reach the gateway: some sign the address that they called. */
  publicUrl: string;
  inbox: InboxWriter;
  inboxSignals: InboxSignals;
  unverified: UnverifiedLimit;
  verifiedPairs: VerifiedPairs;
  rejections: RejectionLog;
  askAboutGrants: AskAboutGrants;
  keySameBodies: KeySameBodies;
  installation: Installation;
  measures: WebhookMeasures;
}

/** Notes a rejection. @param sizeBytes default: the whole request's */
export type Reject = (of: RejectedFor, reason: string, sizeBytes?: number) => void;

/** Where webhooks come in: what differs between an integration's address and that of a whole application. */
export interface Address {
  of: RejectedFor;
  /** @returns null where there is nobody that it could be for */
  verify(request: WebhookRequest): Promise<VerifiedWebhook | Rejection | null>;
  notFound(): HoldfastError;
  /**
   * The integrations that each of the events is for, in the order of the events.
   * @param refusable whether they may be too many: the sender then sends them again
   * @throws HoldfastError `rate_limited`
   */
  recipients(
    events: readonly WebhookEvent[],
    refusable: boolean,
    reject: Reject,
  ): Recipients | Promise<Recipients>;
  /** Whether a whole request is refused because one integration keeps no more. */
  refusesWhenFull: boolean;
  /**
   * What becomes of one that was not stored.
   * @param accepted those of the same request that were
   * @throws HoldfastError what the sender is told, where it should send the request again
   */
  notStored(
    delivery: NewDelivery,
    reason: NotStored,
    accepted: readonly AcceptedDelivery[],
    reject: Reject,
  ): void;
}

/** An integration that an event is for. */
export type Recipient = Pick<UserDelivery, 'integrationId' | 'userId'>;

export type Recipients = readonly (readonly Recipient[])[];

/** Takes a webhook: verified, stored, then answered; the actors are told meanwhile. */
export async function takeWebhook(
  intake: Intake,
  address: Address,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const webhook = webhookRequest(request, intake.publicUrl);
  const reject: Reject = (of, reason, sizeBytes = webhook.body.length) => {
    intake.measures.rejected(request, reason);
    intake.rejections.add({ of, reason, sender: request.sender, sizeBytes });
  };

  if (request.headers[viaHeader] !== undefined) await refuseLoop(intake, address.of, request);
  const verified = await address.verify(webhook);
  if (verified?.ok !== true) intake.unverified.count(request.sender);
  if (verified === null) throw address.notFound();
  if (!verified.ok) {
    reject(address.of, verified.reason);
    throw notVerified(verified.reason);
  }
  const { declaration, handshake, events } = verified;
  // Some are answered unsigned: they say nothing of their source.
  if (handshake !== null) return answerHandshake(reply, handshake);
  // What nobody verifies says nothing of it either.
  if (declaration.scheme !== 'none')
    intake.verifiedPairs.note(targetOf(address.of), request.sender.key);

  const refusable = senderHabit(declaration) === 'retries';
  const recipients = await address.recipients(events, refusable, reject);
  const unkeyed = newDeliveries(events, recipients, {
    headers: keptHeaders(webhook.rawHeaders, declaration),
    refusable: refusable && address.refusesWhenFull,
    traceparent: request.traceparent,
  });
  const seconds = sameBodySeconds(declaration);
  const deliveries = seconds === null ? unkeyed : await intake.keySameBodies(unkeyed, seconds);
  const results = await storeDeliveries(intake, deliveries);
  const foretold = events.flatMap(({ foretellsDeath }, index) =>
    foretellsDeath ? (recipients[index] ?? []).map(({ integrationId }) => integrationId) : [],
  );
  if (foretold.length > 0) await intake.askAboutGrants(foretold);
  const accepted = results.filter((result) => typeof result !== 'string');
  intake.measures.taken(request, accepted);
  deliveries.forEach((delivery, index) => {
    const result = results[index];
    if (typeof result === 'string') address.notStored(delivery, result, accepted, reject);
  });
  return answerTaken(request, reply, declaration, accepted);
}

const noBody = Buffer.alloc(0);

function webhookRequest(request: FastifyRequest, publicUrl: string): WebhookRequest {
  return {
    method: request.method,
    url: publicUrl + request.url,
    rawHeaders: request.raw.rawHeaders,
    body: Buffer.isBuffer(request.body) ? request.body : noBody,
    nowMs: Date.now(),
  };
}

function newDeliveries(
  events: readonly WebhookEvent[],
  recipients: Recipients,
  common: Pick<NewDelivery, 'headers' | 'refusable' | 'traceparent'>,
): UserDelivery[] {
  const deliveries: UserDelivery[] = [];
  events.forEach(({ dedupeKey, eventType, body }, index) => {
    for (const { integrationId, userId } of recipients[index] ?? []) {
      deliveries.push({
        id: newId('dlv'),
        ...{ integrationId, userId, position: deliveries.length, body },
        ...storedKey(dedupeKey),
        eventType: eventType === null ? null : displayText(eventType),
        ...common,
      });
    }
  });
  return deliveries;
}
