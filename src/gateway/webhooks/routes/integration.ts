import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { HoldfastError } from '../../../lib/errors';
import type { PerSecond } from '../../../lib/rate-limit';
import { notFound, pathId } from '../../http/path-ids';
import { type Address, type Intake, takeWebhook } from '../intake';
import type { NotStored } from '../store-deliveries';
import type { IntegrationVerifier } from '../verify';

interface Options {
  intake: Intake;
  verifier: IntegrationVerifier;
  /** Verified events of one integration. */
  rate: PerSecond;
}

const params = Type.Object({ id: Type.String() });

const errors: Record<NotStored, () => HoldfastError> = {
  integration_gone: () => notFound('int'),
  not_storable: () => new HoldfastError('invalid_request', 'This webhook can not be stored.'),
  inbox_full: () =>
    new HoldfastError('inbox_full', 'This integration keeps no more webhooks at the moment.', {
      retryAfterSeconds: 60,
    }),
};

/** Takes one integration's webhooks, each request as a whole. */
export const integrationWebhookRoutes: FastifyPluginCallbackTypebox<Options> = (
  app,
  { intake, verifier, rate },
  done,
) => {
  app.post('/webhooks/:id', { schema: { params } }, (request, reply) =>
    takeWebhook(
      intake,
      address(pathId('int', request.params.id), request.arrival?.userId ?? ''),
      request,
      reply,
    ),
  );
  done();

  function address(integrationId: string, userId: string): Address {
    const of = { integrationId };
    return {
      of,
      verify: (webhook) => verifier.verify(integrationId, webhook),
      notFound: () => notFound('int'),
      recipients: (events, refusable, reject) => {
        if (!refusable || rate.take(integrationId, events.length))
          return events.map(() => [{ integrationId, userId }]);
        reject(of, 'rate_limited');
        const message = 'Too many webhooks for this integration. Send this one again later.';
        throw new HoldfastError('rate_limited', message, { retryAfterSeconds: 1 });
      },
      refusesWhenFull: true,
      notStored: (_delivery, reason, accepted, reject) => {
        reject(of, reason);
        // Sent again as a whole: what was stored of it has a key, and is known then. What can never be stored is left out.
        if (reason !== 'not_storable' || accepted.length === 0) throw errors[reason]();
      },
    };
  }
};
