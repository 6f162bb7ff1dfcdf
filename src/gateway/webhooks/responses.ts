import type { FastifyReply } from 'fastify';
import type { AcceptedDelivery } from '../../db/queries/deliveries/accept';
import type { WebhookDeclaration } from '../../providers/webhook-declaration';
import type { Handshake } from '../../webhooks/event';

const defaultSuccessStatus = 202;

/** Tells a sender what became of its events. One event is told without a list. */
export function answerStored(
  reply: FastifyReply,
  { successStatus = defaultSuccessStatus }: WebhookDeclaration,
  deliveries: readonly AcceptedDelivery[],
): FastifyReply {
  const [only] = deliveries;
  const isOne = only !== undefined && deliveries.length === 1;
  return reply.code(successStatus).send(isOne ? only : { deliveries });
}

export function answerHandshake(
  reply: FastifyReply,
  { status, contentType, body }: Handshake,
): FastifyReply {
  return reply.code(status).type(contentType).send(body);
}
