import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { randomToken, sha256 } from '../../../crypto/hash';
import { readIntegrationCredential } from '../../../db/queries/credentials/of-integration';
import { readIntegrationFacts } from '../../../db/queries/integrations/status';
import { insertSession } from '../../../db/queries/people/sessions';
import { HoldfastError } from '../../../lib/errors';
import { newId } from '../../../lib/ids';
import type { Providers, Rows, Settings } from '../../deps';
import { findCredential } from '../../operations/find-credential';
import { notFound, pathId } from '../../http/path-ids';
import { allowedReturn } from '../../http/return-to';
import { credentialNamePattern, freeText, nameText } from '../../http/schemas/text';

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

const defaultSeconds = 3_600;
const linkSeconds = 600;

/** Where the application gets a link and a token for one of its users. */
export const sessionRoutes: FastifyPluginCallbackTypebox<Rows & Settings & Providers> = (
  app,
  deps,
  done,
) => {
  const { pool, config } = deps;
  app.post('/sessions', { schema: { body } }, async (request, reply) => {
    const { userId, userLabel, integrationId, credential, returnTo } = request.body;
    if (integrationId !== undefined) {
      await checkIntegration(deps, userId, pathId('int', integrationId), credential);
    } else if (credential !== undefined) {
      throw new HoldfastError('invalid_request', 'credential needs an integrationId.');
    }
    if (returnTo !== undefined && allowedReturn(returnTo, config) === undefined) {
      throw new HoldfastError(
        'invalid_request',
        'returnTo must be an address of an origin in HOLDFAST_ALLOWED_ORIGINS.',
      );
    }
    const id = newId('ses');
    const token = randomToken(32);
    const code = randomToken(32);
    const expiresAt = await insertSession(pool, {
      id,
      tokenHash: sha256(token),
      linkHash: sha256(code),
      userId,
      userLabel: userLabel ?? null,
      integrationId: integrationId ?? null,
      credentialName: credential ?? null,
      returnTo: returnTo ?? null,
      resume: request.body.resume ?? true,
      scope: request.body.scope ?? 'delete',
      confirm: request.body.confirm ?? 'page',
      expiresInSeconds: request.body.expiresInSeconds ?? defaultSeconds,
      linkSeconds,
    });
    return reply
      .status(201)
      .header('cache-control', 'no-store')
      .send({
        id,
        token,
        url: `${config.publicUrl}/s/${code}`,
        expiresAt: expiresAt.toISOString(),
      });
  });
  done();
};

/** Someone else's integration isn't there. */
async function checkIntegration(
  { pool, registry }: Rows & Providers,
  userId: string,
  integrationId: string,
  name: string | undefined,
): Promise<void> {
  const integration = await readIntegrationFacts(pool, integrationId);
  if (integration?.userId !== userId) throw notFound('int');
  // It may have none: where there is no OAuth, none is made for it.
  const credential =
    name === undefined
      ? await readIntegrationCredential(pool, integrationId)
      : await findCredential(pool, integrationId, name);
  const provider = credential?.provider ?? integration.provider;
  if (registry.get(provider)?.oauth === undefined) {
    throw new HoldfastError(
      'invalid_request',
      `"${provider}" has no OAuth: nothing can be connected there by a link.`,
    );
  }
  if (credential === undefined) throw notFound('int');
}
