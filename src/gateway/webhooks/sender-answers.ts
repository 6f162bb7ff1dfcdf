import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { AcceptedDelivery } from '../../db/queries/deliveries/new-delivery';
import type { WebhookDeclaration } from '../../providers/webhook-declaration';
import type { Handshake } from '../../webhooks/event';
import { senderAnswer } from '../../webhooks/sender-habits';
import type { Providers } from '../deps';
import type { IntegrationVerifier } from './verify';

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

interface Options extends Providers {
  verifier: IntegrationVerifier;
}

/**
 * Leaves out the body of errors, whoever answers them, where the provider wants none: a sender may take it for
 * something else. Where the provider isn't known they stay as they are.
 */
export const emptyErrors = fastifyPlugin<Options>((app, { registry, verifier }, done) => {
  app.addHook<unknown, { Params: Params }>('onSend', (request, reply, payload, next) => {
    if (reply.statusCode < 400) {
      next(null, payload);
      return;
    }
    void declarationFor(request.params, reply.statusCode).then((declaration) => {
      const answer = declaration && senderAnswer(declaration, request.raw);
      if (answer?.body !== 'empty') {
        next(null, payload);
        return;
      }
      reply.removeHeader('content-type');
      next(null, null);
    });
  });
  done();

  async function declarationFor({ id, provider }: Params, status: number) {
    if (id === undefined) return registry.get(provider ?? '')?.webhook;
    // All others come after the check. An answer must not wait for a database that has just failed.
    return verifier.declaration(id, status === 413 ? 'read' : 'known');
  }
});

interface Params {
  id?: string;
  provider?: string;
}
