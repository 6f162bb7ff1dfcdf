import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { readIntegrationCredential } from '../../../db/queries/credentials/of-integration';
import { endSurplusLinks } from '../../../db/queries/people/session-ends';
import { insertLinkSession } from '../../../db/queries/people/session-links';
import { inTransaction } from '../../../db/transaction';
import { HoldfastError } from '../../../lib/errors';
import { newId } from '../../../lib/ids';
import type { Providers, Rows, Settings } from '../../deps';
import { type AuditDeps, audited } from '../../operations/audit';
import { noteSubject } from '../../http/failure-log';
import { findConnection } from '../find-connection';
import { freeText, nameText, optionalBody } from '../../http/schemas/text';
import {
  checkConnectable,
  checkReturn,
  linkAddress,
  linkSeconds,
  makeSession,
  newSessionSecrets,
  pageOrigin,
  sessionSeconds,
} from '../../operations/session-links';

const params = Type.Object({ userId: nameText, name: nameText });
const body = optionalBody(
  Type.Object({ returnTo: Type.Optional(freeText(2_048)) }, { additionalProperties: false }),
);

/**
 * Where a page that has a person's bearer gets a link for their browser, which has no cookie of ours there. The link signs
 * in as the same person, with the rights of the session that asks and no longer than that one lasts.
 */
export const connectorLinkRoutes: FastifyPluginCallbackTypebox<AuditDeps & Settings & Providers> = (
  app,
  deps,
  done,
) => {
  const { pool, config } = deps;
  const path = '/users/:userId/connectors/:name/link';
  // Reconnecting is all that it is for.
  const options = { schema: { params, body }, config: { sessionScope: 'read' } } as const;
  app.post(path, options, async (request, reply) => {
    const { userId, name } = request.params;
    const { returnTo } = request.body ?? {};
    const { id: integrationId, provider } = await findConnection(pool, userId, name);
    noteSubject(request, { integrationId });
    checkConnectable(deps, provider, await readIntegrationCredential(pool, integrationId));
    checkReturn(returnTo, deps);
    const { code, tokenHash, linkHash } = newSessionSecrets();
    const link = {
      ...{ id: newId('ses'), tokenHash, linkHash, linkSeconds },
      ...{ integrationId, returnTo: returnTo ?? null },
    };
    const askedFrom = pageOrigin(request, config);
    const expiresAt =
      request.personSession === null
        ? (
            await makeSession(
              deps,
              { ...link, ...byApplication, userId, apiKeyId: request.apiKey?.id ?? null },
              await audited(deps, request, { action: 'session.created', userId }),
            )
          ).linkExpiresAt
        : await insertChild(deps, request.personSession.id, { ...link, askedFrom });
    return reply
      .status(201)
      .send({ url: linkAddress(config, code), expiresAt: expiresAt.toISOString() });
  });
  done();
};

/** What `POST /v1/sessions` makes where nothing else is said. */
const byApplication = {
  userLabel: null,
  credentialName: null,
  resume: true,
  scope: 'delete',
  confirm: 'page',
  expiresInSeconds: sessionSeconds,
} as const;

/** @throws HoldfastError `unauthorized` where the session has ended meanwhile */
async function insertChild(
  { pool }: Rows,
  askingId: string,
  link: Parameters<typeof insertLinkSession>[2],
): Promise<Date> {
  const inserted = await insertLinkSession(pool, askingId, link);
  if (inserted === undefined) throw new HoldfastError('unauthorized', 'This session has ended.');
  await inTransaction(pool, (client) => endSurplusLinks(client, inserted.parentId));
  return inserted.linkExpiresAt;
}
