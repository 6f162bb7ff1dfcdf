import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { putUserHold, readHoldOver, type UserHold } from '../../../db/queries/holds';
import { inTransaction } from '../../../db/transaction';
import type { ActorSignals, Encryption, Rows } from '../../deps';
import { audited } from '../../operations/audit';
import { liftUserHold } from '../../operations/lift-hold';
import { freeText, nameText } from '../../http/schemas/text';

const params = Type.Object({ userId: nameText });
const body = Type.Object(
  {
    paused: Type.Boolean(),
    reason: Type.Optional(Type.Union([freeText(500), Type.Null()])),
  },
  { additionalProperties: false },
);

const view = (hold: UserHold | undefined) => ({
  paused: hold !== undefined,
  reason: hold?.reason ?? null,
  pausedAt: hold?.since.toISOString() ?? null,
  by: hold?.by ?? null,
});

/** A person's own kill switch. Where the operator's stands too, that one is shown. */
export const pauseRoutes: FastifyPluginCallbackTypebox<Rows & Encryption & ActorSignals> = (
  app,
  deps,
  done,
) => {
  const { pool, log } = deps;

  app.get('/users/:userId/pause', { schema: { params } }, async (request) =>
    view(await readHoldOver(pool, request.params.userId)),
  );

  const config = { sessionScope: 'manage' } as const;
  app.put('/users/:userId/pause', { schema: { params, body }, config }, async (request) => {
    const { userId } = request.params;
    const { paused, reason } = request.body;
    if (paused) {
      const record = await audited(deps, request, { action: 'hold.set', userId });
      await inTransaction(pool, async (client) => {
        await record(client);
        await putUserHold(client, userId, reason ?? null);
      });
      log.info({ event: 'hold.set', userId, by: 'user', requestId: request.id }, 'A hold was set');
    } else {
      const record = await audited(deps, request, { action: 'hold.lifted', userId });
      await liftUserHold(deps, userId, record);
    }
    return view(await readHoldOver(pool, userId));
  });
  done();
};
