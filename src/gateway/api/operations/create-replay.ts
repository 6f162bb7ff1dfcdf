import { feedReplay, maxFedAtOnce, replayRoom } from '../../../db/queries/replays/feed';
import {
  insertReplay,
  readDeliveryState,
  readStatus,
  type ReplayChoice,
} from '../../../db/queries/replays/insert';
import { inTransaction } from '../../../db/transaction';
import { HoldfastError } from '../../../lib/errors';
import { newId } from '../../../lib/ids';
import type { ActorSignals, Rows, Settings } from '../../deps';
import type { InboxSignals } from '../../../temporal/inbox-signals';
import { notFound } from '../../http/path-ids';
import type { Auditor } from '../../operations/audit';
import { wakeActors } from '../../operations/signal-actors';

export interface ReplayDeps extends Rows, Settings, ActorSignals {
  inboxSignals: InboxSignals;
}

/** What the caller is told. */
export interface CreatedReplay {
  id: string;
  /** How many it has chosen. */
  count: number;
}

/**
 * Replays one delivery; one that is pending already is left where it is, with a count of 0.
 *
 * @throws HoldfastError `delivery_not_found`, `delivery_expired`, `integration_disabled`
 */
export async function replayDelivery(
  deps: ReplayDeps,
  deliveryId: string,
  audit: Auditor,
): Promise<CreatedReplay> {
  const delivery = await readDeliveryState(deps.pool, deliveryId);
  if (delivery === undefined) throw notFound('dlv');
  if (delivery.state === 'expired') {
    throw new HoldfastError(
      'delivery_expired',
      'This delivery waited longer than it is kept: its body is gone. Ask its sender for it again.',
    );
  }
  if (delivery.isDropped) {
    throw new HoldfastError(
      'delivery_expired',
      'This delivery has ended, and its body is gone: its integration keeps as much as HOLDFAST_KEEP_LIMIT_BYTES allows.',
    );
  }
  const choice = { deliveryId, state: null, fromMicros: null, toMicros: null };
  return createReplay(deps, delivery.integrationId, choice, audit);
}

/**
 * Chooses by state and time, and puts what fits into one statement in the queue at once; a workflow goes on with the
 * rest, and the sweep finds a replay whose workflow was never started.
 *
 * @throws HoldfastError `integration_not_found`, `integration_disabled`
 */
export async function createReplay(
  deps: ReplayDeps,
  integrationId: string,
  choice: ReplayChoice,
  audit: Auditor,
): Promise<CreatedReplay> {
  const id = newId('rpl');
  const record = await audit({ action: 'replay.started', integrationId });
  const count = await inTransaction(deps.pool, async (client) => {
    const chosen = await insertReplay(client, { id, integrationId, choice });
    if (chosen !== null) await record(client);
    return chosen;
  });
  if (count === null) throw await whyNot(deps, integrationId);
  const room = await replayRoom(deps.pool, id, deps.config.keepLimit);
  const fed = await feedReplay(deps.pool, id, {
    limit: Math.max(0, Math.min(maxFedAtOnce, room)),
    inBackground: false,
  });
  if (fed?.handling === true) {
    for (const deliveryId of fed.deliveryIds) deps.inboxSignals.signal(integrationId, deliveryId);
  }
  if (fed?.ended === false) await wakeActors(deps.log, [() => deps.actors.replayWaiting(id)]);
  return { id, count };
}

async function whyNot({ pool }: ReplayDeps, integrationId: string): Promise<HoldfastError> {
  if ((await readStatus(pool, integrationId)) === undefined) return notFound('int');
  return new HoldfastError(
    'integration_disabled',
    'The integration is DISABLED: nothing is replayed. Enable it first.',
  );
}
