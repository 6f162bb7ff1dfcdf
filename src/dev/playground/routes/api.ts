import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type { Counts } from '../counts';
import type { Grants } from '../grants';
import type { Grant } from '../state';

/** The provider's API: every call wants a live access token (RFC 6750). */
export const apiRoutes: FastifyPluginCallback<{ grants: Grants; counts: Counts }> = (
  app,
  { grants, counts },
  done,
) => {
  const answer = (
    request: FastifyRequest,
    reply: FastifyReply,
    body: (grant: Grant) => object,
  ): FastifyReply => {
    counts.apiCalls += 1;
    const [, token] = /^bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const grant = token === undefined ? undefined : grants.bearer(token);
    if (grant !== undefined) return reply.send(body(grant));
    counts.apiRefusals += 1;
    return reply
      .status(401)
      .header('www-authenticate', 'Bearer error="invalid_token"')
      .send({ error: 'invalid_token' });
  };

  app.get('/me', (request, reply) =>
    answer(request, reply, ({ account }) => ({
      id: account,
      email: `${account}@playground.example`,
    })),
  );

  app.get<{ Params: { id: string } }>('/api/contacts/:id', (request, reply) =>
    answer(request, reply, ({ account }) => ({ id: request.params.id, owner: account })),
  );
  done();
};
