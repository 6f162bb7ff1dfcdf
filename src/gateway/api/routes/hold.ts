import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { type OperatorHold, putOperatorHold, readOperatorHold } from '../../../db/queries/holds';
import { inTransaction } from '../../../db/transaction';
import { HoldfastError } from '../../../lib/errors';
import type { ActorSignals, Encryption, Rows } from '../../deps';
import { audited } from '../../operations/audit';
import { liftOperatorHold } from '../../operations/lift-hold';
import { freeText } from '../../http/schemas/text';

const body = Type.Object({ reason: freeText(500) }, { additionalProperties: false });

const view = ({ reason, source, since }: OperatorHold) => ({
  by: 'operator' as const,
  reason,
  source,
  since: since.toISOString(),
});

/** The operator's kill switch without a restart: webhooks are kept, nothing is handled. */
export const holdRoutes: FastifyPluginCallbackTypebox<Rows & Encryption & ActorSignals> = (
  app,
  deps,
  done,
) => {
  const { pool, log } = deps;

  app.get('/hold', async () => {
    const hold = await readOperatorHold(pool);
    return { hold: hold === undefined ? null : view(hold) };
  });

  // Nobody is told: every drain looks before each delivery.
  app.put('/hold', { schema: { body } }, async (request) => {
    const record = await audited(deps, request, { action: 'hold.set' });
    const hold = await inTransaction(pool, async (client) => {
      await record(client);
      return putOperatorHold(client, 'api', request.body.reason);
    });
    log.info({ event: 'hold.set', by: 'operator', requestId: request.id }, 'A hold was set');
    return view(hold);
  });

  app.delete('/hold', async (request, reply) => {
    await liftOperatorHold(deps, await audited(deps, request, { action: 'hold.lifted' }));
    if ((await readOperatorHold(pool))?.source === 'environment') {
      throw new HoldfastError(
        'held_by_environment',
        'HOLDFAST_HOLD still holds everything: start gateway and worker without it. The hold that the API had set is lifted.',
      );
    }
    return reply.status(204).send();
  });
  done();
};
