import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { integrationExists } from '../../../db/queries/credentials/of-integration';
import { listSecrets } from '../../../db/queries/integrations/secrets';
import { readWebhookTargets } from '../../../db/queries/integrations/webhook-targets';
import { HoldfastError } from '../../../lib/errors';
import type { Logger } from '../../../lib/log';
import type { Encryption, Providers, Rows } from '../../deps';
import { audited } from '../../operations/audit';
import { addSecret, retireSecret } from '../operations/change-secrets';
import { checkProvider, checkWebhookSecret } from '../operations/checks';
import { notFound, pathId } from '../../http/path-ids';
import { optionalBody, printableText } from '../../http/schemas/text';

const params = Type.Object({ id: Type.String() });
const oneParams = Type.Object({ id: Type.String(), secretId: Type.String() });

/** A provider that makes up its own secret has to be able to bring it. */
const webhookBody = optionalBody(
  Type.Object({ secret: Type.Optional(printableText(1_024)) }, { additionalProperties: false }),
);
const destinationBody = optionalBody(Type.Object({}, { additionalProperties: false }));

/** Rotation: a new secret beside the old ones, then one of the old ones retired. */
export const integrationSecretRoutes: FastifyPluginCallbackTypebox<
  Rows & Encryption & Providers & { log: Logger }
> = (app, deps, done) => {
  app.post(
    '/integrations/:id/webhook-secrets',
    { schema: { params, body: webhookBody } },
    async (request, reply) => {
      const integrationId = pathId('int', request.params.id);
      const targets = await readWebhookTargets(deps.pool, [integrationId]);
      const provider = targets.get(integrationId)?.provider;
      if (provider === undefined) throw notFound('int');
      const secret = request.body?.secret;
      const given =
        secret === undefined
          ? undefined
          : checkWebhookSecret(checkProvider(deps.registry, provider), secret, 'body.secret');
      if (given === undefined && deps.registry.get(provider)?.webhook?.providerMakesSecret) {
        const message = 'body.secret: is missing; this provider makes the secret.';
        throw new HoldfastError('invalid_request', message);
      }
      const issued = await addSecret(
        deps,
        { integrationId, purpose: 'webhook' },
        await audited(deps, request, { action: 'webhook_secret.created', integrationId }),
        given,
      );
      return reply.status(201).send(issued);
    },
  );

  app.post(
    '/integrations/:id/destination-secrets',
    { schema: { params, body: destinationBody } },
    async (request, reply) => {
      const integrationId = pathId('int', request.params.id);
      const issued = await addSecret(
        deps,
        { integrationId, purpose: 'destination' },
        await audited(deps, request, { action: 'destination_secret.created', integrationId }),
      );
      return reply.status(201).send(issued);
    },
  );

  for (const purpose of ['webhook', 'destination'] as const) {
    const url = `/integrations/:id/${purpose}-secrets`;

    app.get(url, { schema: { params } }, async (request) => {
      const integrationId = pathId('int', request.params.id);
      if (!(await integrationExists(deps.pool, integrationId))) throw notFound('int');
      const items = await listSecrets(deps.pool, integrationId, purpose);
      return { items, nextCursor: null };
    });

    app.delete(`${url}/:secretId`, { schema: { params: oneParams } }, async (request, reply) => {
      const integrationId = pathId('int', request.params.id);
      const secretId = pathId('sec', request.params.secretId);
      const record = await audited(deps, request, {
        action: `${purpose}_secret.retired`,
        integrationId,
      });
      await retireSecret(deps, { integrationId, purpose }, secretId, record);
      return reply.status(204).send();
    });
  }
  done();
};
