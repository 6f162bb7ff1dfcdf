import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { type AccountClaim, findAccountClaims } from '../../../db/queries/integrations/by-account';
import { createCountedWarning } from '../../../lib/log/counted-lines';
import { HoldfastError } from '../../../lib/errors';
import type { Logger } from '../../../lib/log';
import type { PerSecond } from '../../../lib/rate-limit';
import type { WebhookDeclaration } from '../../../providers/webhook-declaration';
import { isClaimGood } from '../../../webhooks/account-claim';
import type { WebhookEvent } from '../../../webhooks/event';
import { displayText } from '../../../webhooks/split-events';
import { verifyWebhook } from '../../../webhooks/verify';
import type { Providers, Rows } from '../../deps';
import { type Address, type Intake, type Recipient, type Recipients, takeWebhook } from '../intake';
import type { Rejected } from '../rejection-log';
import type { SignatureMemory } from '../signature-memory';

interface Options extends Rows, Providers {
  intake: Intake;
  /** Verified events of one integration. */
  rate: PerSecond;
  signatures: SignatureMemory;
  log: Logger;
}

const warningEveryMs = 60_000;

const params = Type.Object({ provider: Type.String() });

/**
 * Takes what a provider sends for all accounts of the application to one address. What can't be taken is kept in the log
 * of rejections and the rest goes through: a sender that is rejected for one event would send all of them again. Only
 * where all of them are too many at the moment it is told so.
 */
export const applicationWebhookRoutes: FastifyPluginCallbackTypebox<Options> = (
  app,
  { intake, pool, registry, rate, signatures, log },
  done,
) => {
  const unproven = createCountedWarning(
    (line) =>
      log.warn(
        { event: 'webhook.account_unproven', ...line },
        'Webhooks of an account did not go to an integration that claims it without a proof',
      ),
    warningEveryMs,
  );
  app.addHook('onClose', () => unproven.close());
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
        return verified.ok ? signatures.check({ provider, own: null }, verified) : verified;
      },
      notFound: () => new HoldfastError('unknown_provider', 'There is no provider of this name.'),
      recipients: async (events, refusable, reject) => {
        const claims = await findAccountClaims(pool, provider, accountsOf(events));
        const claimants = claimantsOf(claims, declared?.webhook?.accountProof);
        const take = (integrationId: string) => !refusable || rate.take(integrationId);
        const { recipients, rejected } = recipientsOf(provider, events, claimants, take);
        for (const { of, reason, sizeBytes } of rejected) {
          reject(of, reason, sizeBytes);
          if (reason === 'unproven_account') unproven.add({ provider, ...of });
        }
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

/** The integrations that get an account's events, and those that claim them without a proof. */
interface Claimants {
  good: Recipient[];
  unproven: string[];
}

function claimantsOf(
  claims: readonly AccountClaim[],
  proof: WebhookDeclaration['accountProof'],
): ReadonlyMap<string, Claimants> {
  const claimants = new Map<string, Claimants>();
  for (const claim of claims) {
    const of = claimants.get(claim.account) ?? { good: [], unproven: [] };
    if (isClaimGood(claim, proof)) of.good.push(claim);
    else of.unproven.push(claim.integrationId);
    claimants.set(claim.account, of);
  }
  return claimants;
}

/**
 * Whose each event of a request is: one goes to every integration of its account. Pure, but for the count.
 *
 * @param claimants by account
 * @param take whether the integration may have another one in this second
 * @returns as rejected the events that belong to no integration, or to one that has no proof or has had its share
 */
function recipientsOf(
  provider: string,
  events: readonly WebhookEvent[],
  claimants: ReadonlyMap<string, Claimants>,
  take: (integrationId: string) => boolean,
): { recipients: Recipients; rejected: Omit<Rejected, 'sender'>[] } {
  const rejected: Omit<Rejected, 'sender'>[] = [];
  const recipients = events.map((event) => {
    const sizeBytes = event.body.length;
    const claimed = event.account === null ? undefined : claimants.get(event.account);
    if (claimed === undefined) {
      const account = event.account === null ? null : displayText(event.account);
      const reason = account === null ? 'no_account' : 'unknown_account';
      rejected.push({ of: { provider, account }, reason, sizeBytes });
      return [];
    }
    for (const integrationId of claimed.unproven) {
      rejected.push({ of: { integrationId }, reason: 'unproven_account', sizeBytes });
    }
    return claimed.good.filter(({ integrationId }) => {
      const isTaken = take(integrationId);
      if (!isTaken) rejected.push({ of: { integrationId }, reason: 'rate_limited', sizeBytes });
      return isTaken;
    });
  });
  return { recipients, rejected };
}
