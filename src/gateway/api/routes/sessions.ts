import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { readIntegrationCredential } from '../../../db/queries/credentials/of-integration';
import { readIntegrationFacts } from '../../../db/queries/integrations/status';
import { endSession, endSessionsOfUser } from '../../../db/queries/people/session-ends';
import { inTransaction } from '../../../db/transaction';
import { HoldfastError } from '../../../lib/errors';
import { newId } from '../../../lib/ids';
import type { Logger } from '../../../lib/log';
import type { Encryption, Providers, Rows, Settings } from '../../deps';
import { audited } from '../../operations/audit';
import { findCredential } from '../../operations/find-credential';
import { notFound, pathId } from '../../http/path-ids';
import { returnToApplication } from '../../http/return-to';
import { credentialNamePattern, freeText, nameText } from '../../http/schemas/text';
import {
  checkConnectable,
  checkReturn,
  linkAddress,
  linkSeconds,
  makeSession,
  newSessionSecrets,
  sessionSeconds,
} from '../../operations/session-links';

const body = Type.Object(
  {
    userId: nameText,
    userLabel: Type.Optional(freeText(200)),
    integrationId: Type.Optional(Type.String({ maxLength: 64 })),
    credential: Type.Optional(Type.String({ pattern: credentialNamePattern })),
    returnTo: Type.Optional(freeText(2_048)),
    resume: Type.Optional(Type.Boolean()),
    scope: Type.Optional(
      Type.Union([Type.Literal('read'), Type.Literal('manage'), Type.Literal('delete')]),
    ),
    confirm: Type.Optional(Type.Union([Type.Literal('page'), Type.Literal('application')])),
    expiresInSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 86_400 })),
  },
  { additionalProperties: false },
);

const bySessionId = Type.Object({ id: Type.String({ pattern: '^ses_[A-Za-z0-9]{1,60}$' }) });
const byUserId = Type.Object({ userId: nameText });

/** Where the application gets a link and a token for one of its users, and ends them. */
export const sessionRoutes: FastifyPluginCallbackTypebox<
  Rows & Settings & Encryption & Providers & { log: Logger }
> = (app, deps, done) => {
  const { pool, config } = deps;
  app.post('/sessions', { schema: { body } }, async (request, reply) => {
    const { userId, userLabel, integrationId, credential, returnTo } = request.body;
    if (integrationId !== undefined) {
      await checkIntegration(deps, userId, pathId('int', integrationId), credential);
    } else if (credential !== undefined) {
      throw new HoldfastError(
        'invalid_request',
        'body.credential: needs body.integrationId beside it.',
      );
    }
    checkReturn(returnTo, deps);
    if (
      request.body.confirm === 'application' &&
      returnToApplication(returnTo ?? null, config) === undefined
    ) {
      throw new HoldfastError(
        'invalid_request',
        "confirm: 'application' needs a returnTo of an origin in HOLDFAST_ALLOWED_ORIGINS: what " +
          'there is to confirm is sent there.',
      );
    }
    const id = newId('ses');
    const { token, code, tokenHash, linkHash } = newSessionSecrets();
    const record = await audited(deps, request, { action: 'session.created', userId });
    const session = {
      ...{ id, tokenHash, linkHash, apiKeyId: request.apiKey?.id ?? null },
      userId,
      userLabel: userLabel ?? null,
      integrationId: integrationId ?? null,
      credentialName: credential ?? null,
      returnTo: returnTo ?? null,
      resume: request.body.resume ?? true,
      scope: request.body.scope ?? 'delete',
      confirm: request.body.confirm ?? 'page',
      expiresInSeconds: request.body.expiresInSeconds ?? sessionSeconds,
      linkSeconds,
    };
    const ends = await makeSession(deps, session, record);
    return reply
      .status(201)
      .header('cache-control', 'no-store')
      .send({
        id,
        token,
        url: linkAddress(config, code),
        expiresAt: ends.expiresAt.toISOString(),
      });
  });

  app.delete('/sessions/:id', { schema: { params: bySessionId } }, async (request, reply) => {
    const sessionId = request.params.id;
    const record = await audited(deps, request, { action: 'session.ended', sessionId });
    await inTransaction(pool, async (client) => {
      if (!(await endSession(client, sessionId))) throw notFound('ses');
      await record(client);
    });
    return reply.status(204).send();
  });

  app.delete(
    '/users/:userId/sessions',
    { schema: { params: byUserId } },
    async (request, reply) => {
      const { userId } = request.params;
      const record = await audited(deps, request, { action: 'session.ended', userId });
      await inTransaction(pool, async (client) => {
        await record(client);
        await endSessionsOfUser(client, userId);
      });
      return reply.status(204).send();
    },
  );
  done();
};

/** Someone else's integration isn't there. */
async function checkIntegration(
  deps: Rows & Providers,
  userId: string,
  integrationId: string,
  name: string | undefined,
): Promise<void> {
  const { pool } = deps;
  const integration = await readIntegrationFacts(pool, integrationId);
  if (integration?.userId !== userId) throw notFound('int');
  const credential =
    name === undefined
      ? await readIntegrationCredential(pool, integrationId)
      : await findCredential(pool, integrationId, name);
  checkConnectable(deps, integration.provider, credential);
}
