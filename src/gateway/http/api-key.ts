import { timingSafeEqual } from 'node:crypto';
import fastifyPlugin from 'fastify-plugin';
import { sha256 } from '../../crypto/hash';
import { HoldfastError } from '../../lib/errors';

/** The bearer token of RFC 6750 section 2.1, or undefined. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1];
}

/** Whether a token is one of the API keys, in a time that tells nothing about them. */
export function createApiKeyCheck(apiKeys: readonly string[]): (token: string) => boolean {
  const hashes = apiKeys.map((key) => sha256(key));
  return (token) => {
    const hash = sha256(token);
    // Every key is compared: stopping at the first match would tell which one it is.
    return hashes.map((known) => timingSafeEqual(known, hash)).includes(true);
  };
}

/** Lets only the application through, before the body is read. */
export const apiKey = fastifyPlugin<{ apiKeys: readonly string[] }>((app, { apiKeys }, done) => {
  const isApiKey = createApiKeyCheck(apiKeys);
  app.addHook('onRequest', (request, _reply, next) => {
    const token = bearerToken(request.headers.authorization);
    if (token !== undefined && isApiKey(token)) {
      next();
      return;
    }
    next(
      new HoldfastError(
        'unauthorized',
        token === undefined
          ? 'Send an API key: "Authorization: Bearer <API key>".'
          : 'This API key is not one of HOLDFAST_API_KEYS.',
      ),
    );
  });
  done();
});
