import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { storeTokens } from '../../../db/queries/credentials/store-tokens';
import { HoldfastError } from '../../../lib/errors';
import { announceTokens } from '../../operations/signal-actors';
import type { ActorSignals, Encryption, Rows } from '../../deps';
import { findCredential } from '../../operations/find-credential';
import { pathId } from '../../http/path-ids';
import { credentialNamePattern } from '../../http/schemas/text';
import { tokenProperties, toGrant } from '../schemas/tokens';

const schema = {
  params: Type.Object({ id: Type.String(), name: Type.String({ pattern: credentialNamePattern }) }),
  body: Type.Object(
    { ...tokenProperties, resume: Type.Optional(Type.Boolean()) },
    { additionalProperties: false },
  ),
};

/** The application's own way to reauthorize. */
export const credentialRoutes: FastifyPluginCallbackTypebox<Rows & Encryption & ActorSignals> = (
  app,
  deps,
  done,
) => {
  app.put('/integrations/:id/credentials/:name', { schema }, async ({ params, body }) => {
    const integrationId = pathId('int', params.id);
    const grant = toGrant(body);
    const { credentialId, name } = await findCredential(deps.pool, integrationId, params.name);
    const resume = body.resume === true ? { integrationId, name } : undefined;
    const outcome = await storeTokens(deps.pool, deps.envelope, { credentialId, grant, resume });
    if (outcome.kind === 'account_mismatch') {
      throw new HoldfastError(
        'account_mismatch',
        'These tokens are of another account than the one that is connected: create another ' +
          'integration for it.',
      );
    }
    if (outcome.kind === 'not_found') {
      throw new HoldfastError('credential_not_found', 'The credential was deleted just now.');
    }
    const { version, integrationIds } = outcome;
    await announceTokens(deps, {
      credentialId,
      version,
      integrationIds,
      resume: resume?.integrationId,
    });
    return { version };
  });
  done();
};
