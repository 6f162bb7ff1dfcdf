import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { statuses } from '../../../../workflows/contract/status';
import { listIntegrationViews } from '../../../db/queries/integrations/api-view';
import type {
  ActorSignals,
  Counters,
  Encryption,
  HandlerNames,
  Providers,
  Rows,
  Settings,
} from '../../deps';
import { changeIntegration } from '../operations/change-integration';
import { createIntegration } from '../operations/create-integration';
import { audited, auditor } from '../../operations/audit';
import { deleteIntegration } from '../../operations/delete-integration';
import { noteSubject } from '../../http/failure-log';
import { pathId } from '../../http/path-ids';
import { createBody, patchBody } from '../schemas/integration-body';
import { pageProperties, toPage, toPageRequest } from '../../http/schemas/page';
import { nameText, oneOf } from '../../http/schemas/text';
import { integrationView, readView } from '../views/integration';

const params = Type.Object({ id: Type.String() });

const listQuery = Type.Object(
  {
    ...pageProperties,
    status: Type.Optional(oneOf(statuses)),
    provider: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$',
        description: "a provider's name: letters, digits and ._:@-",
      }),
    ),
    userId: Type.Optional(nameText),
  },
  { additionalProperties: false },
);

/** What the application does with integrations as a whole. */
export const integrationRoutes: FastifyPluginCallbackTypebox<
  Rows & Settings & Encryption & Providers & HandlerNames & ActorSignals & Counters
> = (app, deps, done) => {
  const view = (id: string) => readView(deps, id);

  app.post('/integrations', { schema: { body: createBody } }, async (request, reply) => {
    const { id, webhookSecret, destinationSecret } = await createIntegration(
      deps,
      request.body,
      auditor(deps, request),
    );
    noteSubject(request, { integrationId: id });
    const { destination, ...created } = await view(id);
    return reply.status(201).send({
      ...created,
      webhookSecret,
      destination: destination === null ? null : { ...destination, secret: destinationSecret },
    });
  });

  app.get('/integrations', { schema: { querystring: listQuery } }, async ({ query }) => {
    const page = toPageRequest(query);
    await deps.storedBytes.report();
    const rows = await listIntegrationViews(deps.pool, query, page);
    return toPage(rows, page, (row) => integrationView(row, deps));
  });

  app.get('/integrations/:id', { schema: { params } }, async (request) => {
    const id = pathId('int', request.params.id);
    await deps.storedBytes.report();
    return view(id);
  });

  app.patch('/integrations/:id', { schema: { params, body: patchBody } }, async (request) => {
    const id = pathId('int', request.params.id);
    const audit = auditor(deps, request);
    const { destinationSecret } = await changeIntegration(deps, id, request.body, audit);
    const { destination, ...changed } = await view(id);
    return {
      ...changed,
      destination:
        destination === null || destinationSecret === null
          ? destination
          : { ...destination, secret: destinationSecret },
    };
  });

  app.delete('/integrations/:id', { schema: { params } }, async (request, reply) => {
    const id = pathId('int', request.params.id);
    const what = { action: 'integration.deleted', integrationId: id } as const;
    await deleteIntegration(deps, id, await audited(deps, request, what));
    return reply.status(204).send();
  });
  done();
};
