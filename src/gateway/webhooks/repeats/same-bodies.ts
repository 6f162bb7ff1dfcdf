import type { Pool } from '../../../db/pool';
import { claimSameBodies } from '../../../db/queries/deliveries/same-bodies';
import type { NewDelivery } from '../../../db/queries/deliveries/new-delivery';
import { sha256 } from '../../../crypto/hash';
import { shareReads } from '../../../lib/batch-reads';
import { sameBodyKey } from '../../../webhooks/dedupe-key';
import { storedKey } from '../../../webhooks/split-events';

/** Gives deliveries the keys of their bodies, where the same bytes within so many seconds are a repeat. */
export type KeySameBodies = <Delivery extends NewDelivery>(
  deliveries: readonly Delivery[],
  seconds: number,
) => Promise<Delivery[]>;

/**
 * What is asked for at the same moment shares a statement, apart from the one that stores: no other webhook pays for it.
 * An integration that is gone leaves its delivery as it is; storing it finds out.
 */
export function createKeySameBodies(pool: Pool): KeySameBodies {
  const claim = shareReads(async (ids) => {
    const untils = await claimSameBodies(pool, ids.map(parse));
    return new Map(ids.map((id, index) => [id, untils[index] ?? null]));
  });

  return (deliveries, seconds) =>
    Promise.all(
      deliveries.map(async (delivery) => {
        const hash = sha256(delivery.body);
        const until = await claim(nameOf(delivery.integrationId, hash, seconds));
        return until === null ? delivery : { ...delivery, ...storedKey(sameBodyKey(hash, until)) };
      }),
    );
}

const nameOf = (integrationId: string, hash: Buffer, seconds: number) =>
  [integrationId, hash.toString('hex'), seconds].join(' ');

function parse(name: string) {
  const [integrationId = '', hash = '', seconds] = name.split(' ');
  return { integrationId, hash: Buffer.from(hash, 'hex'), seconds: Number(seconds) };
}
