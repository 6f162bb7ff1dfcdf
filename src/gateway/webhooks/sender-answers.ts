import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { AcceptedDelivery } from '../../db/queries/deliveries/new-delivery';
import type { WebhookDeclaration } from '../../providers/webhook-declaration';
import type { Handshake } from '../../webhooks/event';
import { senderAnswer } from '../../webhooks/sender-habits';

/** Tells a sender what became of its events. One event is told without a list. */
export function answerTaken(
  request: FastifyRequest,
  reply: FastifyReply,
  declaration: WebhookDeclaration,
  deliveries: readonly AcceptedDelivery[],
): FastifyReply {
  const { status, body } = senderAnswer(declaration, request.raw);
  reply.code(status);
  if (body === 'empty') return reply.send();
  const [only] = deliveries;
  const isOne = only !== undefined && deliveries.length === 1;
  return reply.send(isOne ? only : { deliveries });
}

/** Whatever the declaration says of bodies: this one is what the sender asked for. */
export function answerHandshake(
  reply: FastifyReply,
  { status, contentType, body }: Handshake,
): FastifyReply {
  reply.code(status);
  return body === '' ? reply.send() : reply.type(contentType).send(body);
}

/**
 * Leaves out the body of errors, whoever answers them, where the provider wants none: a sender may take it for
 * something else. Where the provider isn't known they stay as they are.
 */
export const emptyErrors = fastifyPlugin((app, _options, done) => {
  app.addHook('onSend', (request, reply, payload, next) => {
    const declaration = reply.statusCode < 400 ? undefined : request.arrival?.declaration;
    if (declaration === undefined || senderAnswer(declaration, request.raw).body !== 'empty') {
      next(null, payload);
      return;
    }
    reply.removeHeader('content-type');
    next(null, null);
  });
  done();
});
