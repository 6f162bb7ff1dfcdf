import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { sha256 } from '../../../crypto/hash';
import {
  type ApiKeyRow,
  apiKeyScopes,
  insertApiKey,
  listApiKeys,
  revokeApiKey,
} from '../../../db/queries/api-keys';
import { inTransaction } from '../../../db/transaction';
import { HoldfastError } from '../../../lib/errors';
import { newId } from '../../../lib/ids';
import { type ApiKeys, newApiKey, ofSettings } from '../../http/api-key';
import { notFound, pathId } from '../../http/path-ids';
import { pageProperties, toPage, toPageRequest } from '../../http/schemas/page';
import { oneOf } from '../../http/schemas/text';
import { type AuditDeps, audited } from '../../operations/audit';
import { timeText, toMicros } from '../schemas/time';

const config = { scope: 'admin' } as const;
const strict = { additionalProperties: false };
const body = Type.Object(
  {
    // It stands in the audit and on terminals.
    name: Type.String({
      format: 'name',
      maxLength: 100,
      description: '1 to 100 characters of printable text without white space at its ends',
    }),
    scopes: Type.Array(oneOf(apiKeyScopes), {
      minItems: 1,
      maxItems: apiKeyScopes.length,
      uniqueItems: true,
    }),
    expiresAt: Type.Optional(Type.Union([timeText, Type.Null()])),
  },
  strict,
);

const view = ({ id, name, scopes, expiresAt, createdAt, lastUsedAt }: ApiKeyRow) => ({
  ...{ id, name, scopes },
  ...{ expiresAt, createdAt, lastUsedAt },
});

/** Keys beside those of `HOLDFAST_API_KEYS`: each for one purpose, with no more than that needs. */
export const keyRoutes: FastifyPluginCallbackTypebox<AuditDeps & { apiKeys: ApiKeys }> = (
  app,
  deps,
  done,
) => {
  const { pool, apiKeys } = deps;
  app.post('/keys', { config, schema: { body } }, async (request, reply) => {
    const { name, scopes } = request.body;
    if (name.toUpperCase() === ofSettings.name) throw reservedName;
    const makerId = request.apiKey?.id ?? null;
    const expiresAt = endOf(request.body.expiresAt);
    const key = newApiKey();
    const keyHash = sha256(key);
    const id = newId('key');
    const record = await audited(deps, request, { action: 'key.created', keyId: id });
    const row = await inTransaction(pool, async (client) => {
      await record(client);
      const made = await insertApiKey(client, { id, name, keyHash, scopes, expiresAt, makerId });
      if (made !== undefined) return made;
      throw new HoldfastError('unauthorized', 'This API key has ended just now.');
    });
    return reply
      .status(201)
      .header('cache-control', 'no-store')
      .send({ ...view(row), key });
  });

  app.get(
    '/keys',
    { config, schema: { querystring: Type.Object(pageProperties, strict) } },
    async ({ query }) => {
      const page = toPageRequest(query);
      return toPage(await listApiKeys(pool, page), page, view);
    },
  );

  const params = Type.Object({ id: Type.String() });
  app.delete('/keys/:id', { config, schema: { params } }, async (request, reply) => {
    const id = pathId('key', request.params.id);
    const record = await audited(deps, request, { action: 'key.revoked', keyId: id });
    await inTransaction(pool, async (client) => {
      if (!(await revokeApiKey(client, id))) throw notFound('key');
      await record(client);
    });
    apiKeys.forget();
    return reply.status(204).send();
  });
  done();
};

/** Two that the audit calls the same could not be told apart. */
const reservedName = new HoldfastError(
  'invalid_request',
  `body.name: "${ofSettings.name}" is what the audit calls the keys of the settings.`,
);

function endOf(text: string | null | undefined): Date | null {
  const micros = toMicros('body.expiresAt', text ?? undefined);
  if (micros === null) return null;
  const end = new Date(micros / 1000);
  if (end.getTime() > Date.now()) return end;
  throw new HoldfastError('invalid_request', 'body.expiresAt: must be in the future.');
}
