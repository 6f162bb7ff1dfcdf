import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { auditActions, type AuditRow, listAudit } from '../../../db/queries/audit';
import { loadSubjectHash } from '../../../db/queries/encryption/hash-key';
import type { Encryption, Rows } from '../../deps';
import { pageProperties, toPage, toPageRequest } from '../../http/schemas/page';
import { freeText, oneOf } from '../../http/schemas/text';
import { hashText } from '../../operations/audit';
import { timeText, toRange } from '../schemas/time';

const querystring = Type.Object(
  {
    ...pageProperties,
    actor: Type.Optional(freeText(255)),
    action: Type.Optional(oneOf(auditActions)),
    integrationId: Type.Optional(Type.String({ pattern: '^int_[A-Za-z0-9]{1,60}$' })),
    from: Type.Optional(timeText),
    to: Type.Optional(timeText),
  },
  { additionalProperties: false },
);

const view = (row: AuditRow) => ({
  ...{ id: row.id, at: row.at, actor: { kind: row.actorKind, name: row.actorName } },
  ...{ action: row.action, subject: row.subject },
  ...{ sourceAddress: row.sourceAddress, requestId: row.requestId },
});

/** Who did what. Nobody is named in it: what is asked for is hashed as what stands there was. */
export const auditRoutes: FastifyPluginCallbackTypebox<Rows & Encryption> = (
  app,
  { pool, envelope },
  done,
) => {
  const config = { scope: 'admin' } as const;
  app.get('/audit', { config, schema: { querystring } }, async ({ query }) => {
    const { actor, action = null, integrationId, from, to } = query;
    const page = toPageRequest(query);
    const hash = await loadSubjectHash(pool, envelope);
    const filter = {
      // A key's name or id, a person as they stand here, or a person's id.
      actors: actor === undefined ? null : [actor, hashText('user', actor, hash)],
      action,
      integrationHash: integrationId === undefined ? null : hash('integration', integrationId),
      ...toRange('querystring', from, to),
    };
    return toPage(await listAudit(pool, filter, page), page, view);
  });
  done();
};
