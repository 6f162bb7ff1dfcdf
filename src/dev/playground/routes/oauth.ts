import type { FastifyPluginCallback } from 'fastify';
import type { AuthorizationCodes } from '../authorization-codes';
import {
  readAuthorization,
  type RegisteredClient,
  withCode,
  withError,
} from '../authorization-request';
import { type ClientCredentials, isClient } from '../client-authentication';
import type { Counts } from '../counts';
import type { Grants } from '../grants';
import { answerTokenRequest } from '../token-endpoint';
import { consentPage } from '../views/consent-page';
import { messagePage } from '../views/message-page';
import { formOf, refuseForeignForm, sendDocument, takeForms } from './forms';

export interface OAuthDeps {
  client: ClientCredentials & RegisteredClient;
  codes: AuthorizationCodes;
  counts: Counts;
  grants: Grants;
}

const accountPattern = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** The provider's OAuth endpoints (RFC 6749, 7009, 7636). */
export const oauthRoutes: FastifyPluginCallback<OAuthDeps> = (app, deps, done) => {
  const { client, codes, counts, grants } = deps;
  takeForms(app);

  app.get('/oauth/authorize', (request, reply) => {
    const params = new URL(request.url, 'http://localhost').searchParams;
    const asked = readAuthorization(params, client);
    if (asked.kind === 'refused') {
      return sendDocument(reply, messagePage('This can not go on', asked.message), 400);
    }
    if (asked.kind === 'redirect') return reply.redirect(asked.location, 303);
    const { origin } = new URL(client.redirectUri);
    return sendDocument(reply, consentPage(params, asked.request.scope, origin));
  });

  app.post('/oauth/authorize', (request, reply) => {
    if (refuseForeignForm(request, reply)) return reply;
    const form = formOf(request);
    const asked = readAuthorization(form, client);
    if (asked.kind === 'refused') {
      return sendDocument(reply, messagePage('This can not go on', asked.message), 400);
    }
    if (asked.kind === 'redirect') return reply.redirect(asked.location, 303);
    const { redirectUri, state, scope, codeChallenge } = asked.request;
    if (form.get('decision') !== 'allow') {
      const location = withError(redirectUri, state, 'access_denied', 'the person said no');
      return reply.redirect(location, 303);
    }
    const account = form.get('account') ?? '';
    if (!accountPattern.test(account)) {
      const message = 'A name has small letters, digits and hyphens, 40 at most.';
      return sendDocument(reply, messagePage('Nobody has that name', message), 400);
    }
    const code = codes.issue({ redirectUri, codeChallenge, account, scope });
    return reply.redirect(withCode(asked.request, code), 303);
  });

  app.post('/oauth/token', (request, reply) => {
    const form = formOf(request);
    void reply.header('cache-control', 'no-store');
    if (!isClient(client, request.headers.authorization, form)) {
      counts.refused += 1;
      void reply.header('www-authenticate', 'Basic realm="playground"');
      return reply.status(401).send({ error: 'invalid_client' });
    }
    const { status, body } = answerTokenRequest({ grants, codes, counts }, form);
    return reply.status(status).send(body);
  });

  app.post('/oauth/revoke', (request, reply) => {
    const form = formOf(request);
    if (!isClient(client, request.headers.authorization, form)) {
      return reply.status(401).send({ error: 'invalid_client' });
    }
    const token = form.get('token');
    if (token === null) return reply.status(400).send({ error: 'invalid_request' });
    counts.revocations += 1;
    grants.revokeToken(token);
    return reply.status(200).send();
  });
  done();
};
