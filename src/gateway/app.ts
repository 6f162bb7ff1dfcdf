import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify, type FastifyInstance } from 'fastify';
import { answerClientError } from './http/client-error';
import type { GatewayDeps } from './deps';
import { answerError, setErrorHandlers } from './http/error-handler';
import { auditRoutes } from './api/routes/audit';
import { application } from './api/authenticate';
import { createApiKeys } from './http/api-key';
import { closing } from './http/closing';
import { failureLog } from './http/failure-log';
import { idempotency } from './api/idempotency';
import { jsonBody } from './http/json-body';
import { basePath, originForm, refuseAmbiguousBase, withoutBase } from './http/own-path';
import { requestId, requestIdOf } from './http/request-id';
import { requestLimits } from './http/request-limits';
import { formats } from './http/schemas/text';
import { createSenderOf, requestSender } from './http/sender';
import { unreadBodies } from './http/unread-bodies';
import { securityHeaders } from './http/security-headers';
import { answerWithPage } from './pages/send-page';
import { createBrand } from '../web/document/brand';
import { createStoredBytes } from './operations/stored-bytes';
import { assetRoutes } from './pages/routes/assets';
import { browserRoutes } from './pages';
import { confirmationRoutes } from './api/routes/confirmations';
import { credentialRoutes } from './api/routes/credentials';
import { credentialStandingRoutes } from './api/routes/credential-standing';
import { historyRoutes } from './api/routes/history';
import { deliveryRoutes } from './api/routes/deliveries';
import { healthRoutes } from './operator/health';
import { metricsRoutes } from './operator/metrics';
import { measureRequests } from './operator/measure-requests';
import { operatorStatusRoutes } from './operator/status';
import { holdRoutes } from './api/routes/hold';
import { keyRoutes } from './api/routes/keys';
import { integrationSecretRoutes } from './api/routes/secrets';
import { enableDisableRoutes } from './api/routes/enable-disable';
import { integrationRoutes } from './api/routes/integrations';
import { personRoutes } from './person';
import { replayRoutes } from './api/routes/replays';
import { sessionRoutes } from './api/routes/sessions';
import { tokenRoutes } from './api/routes/token';
import { userRoutes } from './api/routes/users';
import { webhookRoutes } from './webhooks';

const second = 1_000;
/** Of a request's first line and its headers together. */
const maxHeaderBytes = 16 * 1024;

/** Builds the gateway; `main.ts` owns the process around it. */
export function createApp(deps: GatewayDeps): FastifyInstance {
  const base = basePath(deps.config);
  const app = fastify({
    bodyLimit: deps.config.bodyLimitBytes,
    trustProxy: false,
    rewriteUrl: ({ url = '/' }) => withoutBase(base, originForm(url)),
    // Every part of a path gets to its route, which knows what it may be.
    routerOptions: { maxParamLength: maxHeaderBytes },
    // Receiving a request may take this long, and its headers that.
    requestTimeout: 30 * second,
    http: {
      headersTimeout: 15 * second,
      connectionsCheckingInterval: 2 * second,
      maxHeaderSize: maxHeaderBytes,
      // `requestId` refuses what has none, and is answered as everything else.
      requireHostHeader: false,
    },
    // Longer than the slowest answer, an update of an actor.
    connectionTimeout: 90 * second,
    keepAliveTimeout: 72 * second,
    // `closing` answers then, as everything else is answered.
    return503OnClosing: false,
    genReqId: requestIdOf,
    logger: false,
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: true,
        allErrors: false,
        // An error then has its schema, which says the rule in words.
        verbose: true,
        formats,
      },
    },
    frameworkErrors: (error, request, reply) => {
      answerError(error, request, reply);
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket),
  }).withTypeProvider<TypeBoxTypeProvider>();

  const senderOf = createSenderOf(deps.config.trustedProxies);
  const storedBytes = createStoredBytes(deps);
  const apiKeys = createApiKeys(deps);
  app.addHook('onClose', () => storedBytes.stop());
  app.addHook('onClose', () => apiKeys.close());
  refuseAmbiguousBase(app, deps.config);
  app.decorate('site', { brand: createBrand(deps.config), basePath: base });
  setErrorHandlers(app, answerWithPage);
  // What else than a continuation is expected may be ignored (RFC 9110, section 10.1.1).
  app.server.on('checkExpectation', (...parts) => app.server.emit('request', ...parts));
  void app.register(requestId);
  void app.register(closing);
  void app.register(securityHeaders, deps.config);
  void app.register(unreadBodies);
  void app.register(requestSender, { senderOf });
  void app.register(requestLimits, { log: deps.log, senderOf });
  void app.register(failureLog, { log: deps.log });
  void app.register(measureRequests, deps);
  void app.register(healthRoutes, deps);
  void app.register(metricsRoutes, deps);
  void app.register(assetRoutes);
  void app.register(browserRoutes, deps);
  void app.register(personRoutes, { ...deps, apiKeys });

  void app.register(webhookRoutes, { ...deps, storedBytes });

  void app.register(
    (v1, _options, done) => {
      void v1.register(application, { apiKeys });
      void v1.register(jsonBody);
      void v1.register(idempotency, deps);
      void v1.register(integrationRoutes, { ...deps, storedBytes });
      void v1.register(enableDisableRoutes, deps);
      void v1.register(integrationSecretRoutes, deps);
      void v1.register(deliveryRoutes, deps);
      void v1.register(replayRoutes, deps);
      void v1.register(historyRoutes, deps);
      void v1.register(credentialRoutes, deps);
      void v1.register(credentialStandingRoutes, deps);
      void v1.register(tokenRoutes, deps);
      void v1.register(sessionRoutes, deps);
      void v1.register(confirmationRoutes, deps);
      void v1.register(userRoutes, deps);
      void v1.register(holdRoutes, deps);
      void v1.register(operatorStatusRoutes, deps);
      void v1.register(keyRoutes, { ...deps, apiKeys });
      void v1.register(auditRoutes, deps);
      done();
    },
    { prefix: '/v1' },
  );
  return app;
}
