import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify, type FastifyInstance } from 'fastify';
import { answerClientError } from './client-error';
import type { GatewayDeps } from './deps';
import { answerError, setErrorHandlers } from './error-handler';
import { apiKey } from './plugins/api-key';
import { closing } from './plugins/closing';
import { failureLog } from './plugins/failure-log';
import { idempotency } from './plugins/idempotency';
import { jsonBody } from './plugins/json-body';
import { rawWebhook } from './plugins/raw-webhook';
import { requestLimits } from './plugins/request-limits';
import { unreadBodies } from './plugins/unread-bodies';
import { refusedBodies } from './plugins/refused-bodies';
import { securityHeaders } from './plugins/security-headers';
import { assetRoutes } from './routes/assets';
import { appWebhookRoutes } from './routes/app-webhooks';
import { browserRoutes } from './routes/browser';
import { credentialRoutes } from './routes/credentials';
import { auditRoutes } from './routes/audit';
import { deliveryRoutes } from './routes/deliveries';
import { healthRoutes } from './routes/health';
import { holdRoutes } from './routes/hold';
import { integrationSecretRoutes } from './routes/integration-secrets';
import { switchRoutes } from './routes/switches';
import { integrationRoutes } from './routes/integrations';
import { personRoutes } from './routes/person';
import { replayRoutes } from './routes/replays';
import { sessionRoutes } from './routes/sessions';
import { tokenRoutes } from './routes/token';
import { userRoutes } from './routes/users';
import { webhookRoutes } from './routes/webhooks';
import { createWebhookIntake } from './webhook-intake';

const second = 1_000;

/** Builds the gateway; `main.ts` owns the process around it. */
export function createApp(deps: GatewayDeps): FastifyInstance {
  const app = fastify({
    bodyLimit: deps.config.bodyLimitBytes,
    trustProxy: false,
    // A user's id; 100 would be the default.
    routerOptions: { maxParamLength: 128 },
    // Receiving a request may take this long, and its headers that.
    requestTimeout: 30 * second,
    http: {
      headersTimeout: 15 * second,
      connectionsCheckingInterval: 2 * second,
      maxHeaderSize: 16 * 1024,
    },
    // Longer than the slowest answer, an update of an actor.
    connectionTimeout: 90 * second,
    keepAliveTimeout: 72 * second,
    return503OnClosing: true,
    logger: false,
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: true,
        allErrors: false,
      },
    },
    frameworkErrors: (error, request, reply) => {
      answerError(error, request, reply);
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket),
  }).withTypeProvider<TypeBoxTypeProvider>();

  setErrorHandlers(app);
  void app.register(closing);
  void app.register(securityHeaders, deps.config);
  void app.register(unreadBodies);
  void app.register(requestLimits, { log: deps.log });
  void app.register(failureLog, { log: deps.log });
  void app.register(healthRoutes, deps);
  void app.register(assetRoutes);
  void app.register(browserRoutes, deps);
  void app.register(personRoutes, deps);

  const intake = createWebhookIntake(deps);
  app.addHook('onClose', () => intake.close());
  void app.register((webhooks, _options, done) => {
    void webhooks.register(rawWebhook, deps.config);
    void webhooks.register(refusedBodies, intake);
    void webhooks.register(webhookRoutes, intake);
    void webhooks.register(appWebhookRoutes, intake);
    done();
  });

  void app.register(
    (v1, _options, done) => {
      void v1.register(apiKey, { apiKeys: deps.config.apiKeys });
      void v1.register(jsonBody);
      void v1.register(idempotency, deps);
      void v1.register(integrationRoutes, deps);
      void v1.register(switchRoutes, deps);
      void v1.register(integrationSecretRoutes, deps);
      void v1.register(deliveryRoutes, deps);
      void v1.register(replayRoutes, deps);
      void v1.register(auditRoutes, deps);
      void v1.register(credentialRoutes, deps);
      void v1.register(tokenRoutes, deps);
      void v1.register(sessionRoutes, deps);
      void v1.register(userRoutes, deps);
      void v1.register(holdRoutes, deps);
      done();
    },
    { prefix: '/v1' },
  );
  return app;
}
