import type { Queryable } from '../../pool';
import type { PendingDelivery } from './lease';

/** node-postgres takes a value as hexadecimal text, and several times: of a whole body that would be seven times its size. */
const sliceBytes = 512 * 1024;

/**
 * The body of a delivery, which takes a statement for each 512 KiB.
 * @returns null where the delivery is pending no more
 */
export async function readBody(
  db: Queryable,
  { id, bodyBytes }: Pick<PendingDelivery, 'id' | 'bodyBytes'>,
): Promise<Buffer | null> {
  const body = Buffer.alloc(bodyBytes);
  for (let start = 0; start < bodyBytes; start += sliceBytes) {
    const { rows } = await db.query<{ slice: Buffer }>({
      name: 'read-body',
      text: `SELECT substring(body FROM $2::int FOR $3::int) AS slice FROM deliveries
             WHERE id = $1::text AND state = 'pending'`,
      values: [id, start + 1, sliceBytes],
    });
    if (rows[0] === undefined) return null;
    rows[0].slice.copy(body, start);
  }
  return body;
}
