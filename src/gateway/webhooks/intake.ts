import type { FastifyRequest } from 'fastify';
import type { GatewayDeps } from '../deps';
import { createDoorbell, type Doorbell } from '../../temporal/inbox-signals';
import { createInboxWriter, type InboxWriter } from './inbox-writer';
import { perSecond, type PerSecond } from '../../lib/rate-limit';
import { createRejectionLog } from './rejection-log';
import { createTellFull } from './full-inbox-notification';
import { createUnverifiedLimit, type UnverifiedLimit } from './unverified-limit';
import { createWebhookTargets, type WebhookTargets } from './targets';

/** Whom a refused request was for. */
export type RefusedFor = { integrationId: string } | { provider: string; account?: string | null };

/** What taking webhooks needs, made once for a gateway. */
export interface WebhookIntake extends Pick<GatewayDeps, 'config' | 'pool' | 'registry'> {
  targets: WebhookTargets;
  inbox: InboxWriter;
  doorbell: Doorbell;
  /** Verified events of one integration. */
  rate: PerSecond;
  unverified: UnverifiedLimit;
  /** Keeps a request that was refused, or an event of one, for whoever asks why nothing arrives. */
  logRefusal(request: FastifyRequest, of: RefusedFor, reason: string, sizeBytes: number): void;
  /** After the last request has ended. */
  close(): Promise<void>;
}

/** What the column holds: a header may claim any size. */
const maxSizeBytes = 2 ** 31 - 1;

export function createWebhookIntake(deps: GatewayDeps): WebhookIntake {
  const { config, pool, registry, actors, log } = deps;
  const doorbell = createDoorbell(actors, log);
  const rejections = createRejectionLog(pool, log);
  return {
    config,
    pool,
    registry,
    doorbell,
    targets: createWebhookTargets(deps),
    inbox: createInboxWriter(deps.inboxPool, {
      keepLimit: config.keepLimit,
      ratePerSecond: config.rateLimitPerSecond,
      onFull: createTellFull(deps),
    }),
    rate: perSecond(config.rateLimitPerSecond),
    unverified: createUnverifiedLimit(),
    logRefusal: (request, of, reason, sizeBytes) =>
      rejections.add({
        integrationId: null,
        provider: null,
        account: null,
        ...of,
        reason,
        sourceAddress: request.ip,
        sizeBytes: Math.min(sizeBytes, maxSizeBytes),
      }),
    close: async () => {
      await doorbell.close();
      await rejections.close();
    },
  };
}
