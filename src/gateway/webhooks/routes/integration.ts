import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { HoldfastError } from '../../../lib/errors';
import { keptHeaders } from '../../../webhooks/stored-headers';
import { sendsAgain } from '../../../webhooks/verify';
import { notFound, pathId } from '../../http/path-ids';
import { webhookRequest } from '../raw-body';
import { type StoreRefusal, storeEvents } from '../store-events';
import { notVerified, verifyFor } from '../verify';
import { answerHandshake, answerStored } from '../responses';
import type { WebhookIntake } from '../intake';

const params = Type.Object({ id: Type.String() });

const errors: Record<StoreRefusal, () => HoldfastError> = {
  integration_gone: () => notFound('int'),
  not_storable: () => new HoldfastError('invalid_request', 'This webhook can not be stored.'),
  inbox_full: () =>
    new HoldfastError('inbox_full', 'This integration keeps no more webhooks at the moment.', {
      retryAfterSeconds: 60,
    }),
};

/** Takes one integration's webhooks: verified, stored, then answered; the actor is told afterwards. */
export const webhookRoutes: FastifyPluginCallbackTypebox<WebhookIntake> = (app, intake, done) => {
  app.post('/webhooks/:id', { schema: { params } }, async (request, reply) => {
    const integrationId = pathId('int', request.params.id);
    const webhook = webhookRequest(request, intake.config.publicUrl);
    const sizeBytes = webhook.body.length;
    const verified = await verifyFor(intake.targets, integrationId, webhook);
    if (verified?.ok !== true) intake.unverified.count(request.ip);
    if (verified === null) throw notFound('int');
    if (!verified.ok) {
      intake.logRefusal(request, { integrationId }, verified.reason, sizeBytes);
      throw notVerified(verified.reason);
    }
    const { declaration, handshake, events } = verified;
    if (handshake !== null) return answerHandshake(reply, handshake);
    if (!intake.rate.take(integrationId, events.length)) {
      intake.logRefusal(request, { integrationId }, 'rate_limited', sizeBytes);
      const message = 'Too many webhooks for this integration. Send this one again later.';
      throw new HoldfastError('rate_limited', message, { retryAfterSeconds: 1 });
    }
    const stored = await storeEvents(
      intake,
      events.map((event) => ({ integrationId, event })),
      { headers: keptHeaders(webhook.rawHeaders), discardWhenFull: !sendsAgain(declaration) },
    );
    const deliveries = stored.filter((result) => 'id' in result);
    for (const result of stored) {
      if (!('refused' in result)) continue;
      intake.logRefusal(request, { integrationId }, result.refused, sizeBytes);
      // Sent again as a whole, those that were stored are known as duplicates. What can never be stored is left out.
      if (result.refused !== 'not_storable' || deliveries.length === 0) {
        throw errors[result.refused]();
      }
    }
    return answerStored(reply, declaration, deliveries);
  });
  done();
};
