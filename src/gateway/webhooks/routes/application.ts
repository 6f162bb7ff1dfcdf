import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { findIntegrationsOfAccounts } from '../../../db/queries/integrations/by-account';
import { HoldfastError } from '../../../lib/errors';
import type { PerSecond } from '../../../lib/rate-limit';
import type { WebhookEvent } from '../../../webhooks/event';
import { displayText } from '../../../webhooks/split-events';
import { verifyWebhook } from '../../../webhooks/verify';
import type { Providers, Rows } from '../../deps';
import { type Address, type Intake, type Recipients, takeWebhook } from '../intake';
import type { Rejected } from '../rejection-log';
import type { SignatureMemory } from '../signature-memory';

interface Options extends Rows, Providers {
  intake: Intake;
  /** Verified events of one integration. */
  rate: PerSecond;
  signatures: SignatureMemory;
}

const params = Type.Object({ provider: Type.String() });

/**
 * Takes what a provider sends for all accounts of the application to one address. What can't be taken is kept in the log
 * of rejections and the rest goes through: a sender that is rejected for one event would send all of them again. Only
 * where all of them are too many at the moment it is told so.
 */
export const applicationWebhookRoutes: FastifyPluginCallbackTypebox<Options> = (
  app,
  { intake, pool, registry, rate, signatures },
  done,
) => {
  app.post('/webhooks/apps/:provider', { schema: { params } }, (request, reply) =>
    takeWebhook(intake, address(request.params.provider), request, reply),
  );
  done();

  function address(provider: string): Address {
    const declared = registry.get(provider);
    return {
      of: { provider },
      verify: async (webhook) => {
        if (declared === undefined) return null;
        const secrets = declared.webhook?.secrets ?? [];
        const present = secrets.filter((secret) => secret !== undefined);
        const verified = await verifyWebhook(declared.webhook, webhook, present);
        return verified.ok ? signatures.check({ provider, accounts: [] }, verified) : verified;
      },
      notFound: () => new HoldfastError('unknown_provider', 'There is no provider of this name.'),
      recipients: async (events, refusable, reject) => {
        const found = await findIntegrationsOfAccounts(pool, provider, accountsOf(events));
        const take = (integrationId: string) => !refusable || rate.take(integrationId);
        const { recipients, rejected } = recipientsOf(provider, events, found, take);
        for (const { of, reason, sizeBytes } of rejected) reject(of, reason, sizeBytes);
        const isRateLimited = rejected.some(({ reason }) => reason === 'rate_limited');
        if (!isRateLimited || recipients.some((ids) => ids.length > 0)) return recipients;
        // Nothing of the request would be sent again in vain.
        const message = 'Too many webhooks for these accounts. Send this one again later.';
        throw new HoldfastError('rate_limited', message, { retryAfterSeconds: 1 });
      },
      // What is answered 2xx is not sent again, and the events of others are in the same request.
      refusesWhenFull: false,
      notStored: ({ integrationId, body }, reason, _accepted, reject) =>
        reject({ integrationId }, reason, body.length),
    };
  }
};

/** Those that could be an account's: what Postgres can't hold is nobody's. */
const accountsOf = (events: readonly WebhookEvent[]): string[] => {
  const named = events.map(({ account }) => account).filter((account) => account !== null);
  return [...new Set(named)].filter((account) => !account.includes('\0'));
};

/**
 * Whose each event of a request is: one goes to every integration of its account. Pure, but for the count.
 *
 * @param integrations ids by account
 * @param take whether the integration may have another one in this second
 * @returns as rejected the events that belong to no integration, or to one that has had its share
 */
function recipientsOf(
  provider: string,
  events: readonly WebhookEvent[],
  integrations: ReadonlyMap<string, readonly string[]>,
  take: (integrationId: string) => boolean,
): { recipients: Recipients; rejected: Omit<Rejected, 'sourceAddress'>[] } {
  const rejected: Omit<Rejected, 'sourceAddress'>[] = [];
  const recipients = events.map((event) => {
    const sizeBytes = event.body.length;
    const ids = event.account === null ? [] : (integrations.get(event.account) ?? []);
    if (ids.length === 0) {
      const account = event.account === null ? null : displayText(event.account);
      const reason = account === null ? 'no_account' : 'unknown_account';
      rejected.push({ of: { provider, account }, reason, sizeBytes });
    }
    return ids.filter((integrationId) => {
      const isTaken = take(integrationId);
      if (!isTaken) rejected.push({ of: { integrationId }, reason: 'rate_limited', sizeBytes });
      return isTaken;
    });
  });
  return { recipients, rejected };
}
