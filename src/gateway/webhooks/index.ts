import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { perSecond } from '../../lib/rate-limit';
import type { Counters, GatewayDeps } from '../deps';
import { arrivals } from './arrival';
import { createAskAboutGrants } from './ask-about-grants';
import { createFullInboxNotification } from './full-inbox-notification';
import { createInboxWriter } from './inbox-writer';
import type { Intake } from './intake';
import { measureWebhooks } from '../operations/measure-webhooks';
import { traceWebhooks } from '../operations/trace-webhooks';
import { createRoomMaker } from './make-room';
import { rawWebhook } from './raw-body';
import { rejectedBodies } from './rejected-bodies';
import { createRejectionLog } from './rejection-log';
import { createInstallation } from './repeats/loops';
import { createKeySameBodies } from './repeats/same-bodies';
import { applicationWebhookRoutes } from './routes/application';
import { integrationWebhookRoutes } from './routes/integration';
import { emptyErrors } from './sender-answers';
import { createSignatureMemory } from './signature-memory';
import { createUnverifiedLimit } from './unverified-limit';
import { createVerifiedPairs } from './verified-pairs';
import { createIntegrationVerifier } from './verify';

/** Everything that providers send. */
export const webhookRoutes: FastifyPluginCallbackTypebox<GatewayDeps & Counters> = (
  app,
  deps,
  done,
) => {
  const { config, pool, registry, metrics, log } = deps;
  const measures = traceWebhooks(app, config.publicUrl, measureWebhooks(app, metrics));
  const rejections = createRejectionLog(pool, log);
  app.addHook('onClose', () => rejections.close());
  const unverified = createUnverifiedLimit();
  const verifiedPairs = createVerifiedPairs();
  const signatures = createSignatureMemory(deps);
  const verifier = createIntegrationVerifier({ ...deps, signatures });
  const room = createRoomMaker(deps);
  app.addHook('onClose', () => room.stop());
  const intake: Intake = {
    publicUrl: config.publicUrl,
    inbox: createInboxWriter(deps.inboxPool, {
      keepLimit: config.keepLimit,
      keepLimitBytes: config.keepLimitBytes,
      storedBytes: deps.storedBytes,
      onFull: createFullInboxNotification(deps),
      onNearlyFull: (id) => room.makeRoom(id),
      ...(metrics === undefined ? {} : { onCommit: metrics.inboxCommit }),
    }),
    inboxSignals: deps.inboxSignals,
    ...{ unverified, verifiedPairs, rejections, measures },
    askAboutGrants: createAskAboutGrants(deps),
    keySameBodies: createKeySameBodies(pool),
    installation: createInstallation(pool),
  };
  const rate = perSecond(config.rateLimitPerSecond);
  void app.register(arrivals, { registry, verifier, measures, unverified, verifiedPairs });
  void app.register(rawWebhook, { bodyLimitBytes: config.bodyLimitBytes });
  void app.register(rejectedBodies, {
    rejections,
    measures,
    bodyLimitBytes: config.bodyLimitBytes,
  });
  void app.register(emptyErrors);
  void app.register(integrationWebhookRoutes, { intake, verifier, rate });
  void app.register(applicationWebhookRoutes, {
    ...{ intake, pool, registry, rate, signatures, log },
  });
  done();
};
