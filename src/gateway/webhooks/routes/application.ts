import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { findIntegrationsOfAccounts } from '../../../db/queries/integrations/by-account';
import { HoldfastError } from '../../../lib/errors';
import type { WebhookEvent } from '../../../webhooks/event';
import { keptHeaders } from '../../../webhooks/stored-headers';
import { addressEvents } from '../route-events';
import { webhookRequest } from '../raw-body';
import { storeEvents } from '../store-events';
import { notVerified, verifyWith } from '../verify';
import { answerHandshake, answerStored } from '../responses';
import type { WebhookIntake } from '../intake';

const params = Type.Object({ provider: Type.String() });

/**
 * Takes what a provider sends for all accounts of the application to one address. What can't be taken is kept in the log
 * of refusals and the rest goes through: a sender that is refused for one event would send all of them again. Only where
 * all of them are too many at the moment it is told so.
 */
export const appWebhookRoutes: FastifyPluginCallbackTypebox<WebhookIntake> = (
  app,
  intake,
  done,
) => {
  app.post('/webhooks/apps/:provider', { schema: { params } }, async (request, reply) => {
    const provider = intake.registry.get(request.params.provider);
    if (provider === undefined) {
      intake.unverified.count(request.ip);
      throw new HoldfastError('unknown_provider', 'There is no provider of this name.');
    }
    const { name, webhook: declared } = provider;
    const webhook = webhookRequest(request, intake.config.publicUrl);
    const secrets = (declared?.secrets ?? []).filter((secret) => secret !== undefined);
    const verified = await verifyWith(declared, webhook, secrets);
    if (!verified.ok) {
      intake.unverified.count(request.ip);
      intake.logRefusal(request, { provider: name }, verified.reason, webhook.body.length);
      throw notVerified(verified.reason);
    }
    const { declaration, handshake, events } = verified;
    if (handshake !== null) return answerHandshake(reply, handshake);

    const integrations = await findIntegrationsOfAccounts(intake.pool, name, accountsOf(events));
    const { addressed, refused } = addressEvents(events, integrations, (id) =>
      intake.rate.take(id),
    );
    for (const { of, reason, sizeBytes } of refused) {
      const whom = 'account' in of ? { provider: name, ...of } : of;
      intake.logRefusal(request, whom, reason, sizeBytes);
    }
    if (addressed.length === 0 && refused.some(({ reason }) => reason === 'rate_limited')) {
      // Nothing of the request would be sent again in vain.
      const message = 'Too many webhooks for these accounts. Send this one again later.';
      throw new HoldfastError('rate_limited', message, { retryAfterSeconds: 1 });
    }
    // What is answered 2xx is not sent again: where an inbox is full it is set aside, and can be replayed.
    const stored = await storeEvents(intake, addressed, {
      headers: keptHeaders(webhook.rawHeaders),
      discardWhenFull: true,
    });
    addressed.forEach(({ integrationId, event }, index) => {
      const result = stored[index];
      if (result === undefined || !('refused' in result)) return;
      intake.logRefusal(request, { integrationId }, result.refused, event.body.length);
    });
    return answerStored(
      reply,
      declaration,
      stored.filter((result) => 'id' in result),
    );
  });
  done();
};

/** Those that could be an account's: what Postgres can't hold is nobody's. */
const accountsOf = (events: readonly WebhookEvent[]): string[] => {
  const named = events.map(({ account }) => account).filter((account) => account !== null);
  return [...new Set(named)].filter((account) => !account.includes('\0'));
};
