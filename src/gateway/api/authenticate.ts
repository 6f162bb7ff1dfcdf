import fastifyPlugin from 'fastify-plugin';
import { HoldfastError } from '../../lib/errors';
import { type ApiKeys, bearerToken, checkScope } from '../http/api-key';

/** Lets only the application through, with a key that may do what the route needs; before the body is read. */
export const application = fastifyPlugin<{ apiKeys: ApiKeys }>((app, { apiKeys }, done) => {
  app.decorateRequest('apiKey', null);
  app.addHook('onRequest', async (request) => {
    const token = bearerToken(request.headers.authorization);
    const holder = token === undefined ? undefined : await apiKeys.find(token);
    if (holder === undefined) {
      throw new HoldfastError(
        'unauthorized',
        token === undefined
          ? 'Send an API key: "Authorization: Bearer <API key>".'
          : 'This API key is neither one of HOLDFAST_API_KEYS nor one that POST /v1/keys has made.',
      );
    }
    request.apiKey = holder;
    checkScope(request, holder);
  });
  done();
});
