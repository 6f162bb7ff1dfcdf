import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { giveToken, replaceToken, type TokenDeps } from '../operations/access-token';
import { unknownProvider } from '../../../metrics/gateway';
import type { Measuring } from '../../deps';
import { failureCodeOf, noteSubject, subjectOf } from '../../http/failure-log';
import { pathId } from '../../http/path-ids';
import { credentialNamePattern } from '../../http/schemas/text';
import { type AuditDeps, audited } from '../../operations/audit';

const params = Type.Object({ id: Type.String() });
const credential = Type.Optional(Type.String({ pattern: credentialNamePattern }));
const strict = { additionalProperties: false };
const defaultName = 'main';
const config = { scope: 'tokens' } as const;

/** The application's own use of a token. */
export const tokenRoutes: FastifyPluginCallbackTypebox<TokenDeps & AuditDeps & Measuring> = (
  app,
  deps,
  done,
) => {
  app.addHook('onSend', (_request, reply, _payload, next) => {
    reply.header('cache-control', 'no-store');
    next();
  });

  const { metrics } = deps;
  if (metrics !== undefined)
    app.addHook('onResponse', (request, _reply, next) => {
      const { provider = unknownProvider } = subjectOf(request);
      metrics.tokenRequest(provider, failureCodeOf(request) ?? 'given');
      next();
    });

  /** For the line in case that it fails, and for what is measured. */
  const noting =
    (request: FastifyRequest, integrationId: string) =>
    ({ provider }: { provider: string }) =>
      noteSubject(request, { provider, integrationId });

  /** No row, no token: it is committed before the answer is given. */
  async function recorded<Token>(
    request: FastifyRequest,
    action: 'token.read' | 'token.rejected',
    integrationId: string,
    token: Token,
  ): Promise<Token> {
    const record = await audited(deps, request, { action, integrationId });
    await record(deps.pool);
    return token;
  }

  app.get(
    '/integrations/:id/token',
    { config, schema: { params, querystring: Type.Object({ credential }, strict) } },
    async (request) => {
      const id = pathId('int', request.params.id);
      const { credential: name = defaultName } = request.query;
      const token = await giveToken(deps, id, name, noting(request, id));
      return recorded(request, 'token.read', id, token);
    },
  );

  app.post(
    '/integrations/:id/token/reject',
    {
      // By `version`: whoever asks twice gets the token that is good then.
      config: { ...config, idempotency: false },
      schema: {
        params,
        body: Type.Object({ credential, version: Type.Integer({ minimum: 1 }) }, strict),
      },
    },
    async (request) => {
      const id = pathId('int', request.params.id);
      const { credential: name = defaultName, version } = request.body;
      const token = await replaceToken(deps, id, name, version, noting(request, id));
      return recorded(request, 'token.rejected', id, token);
    },
  );
  done();
};
