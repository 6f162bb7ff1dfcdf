import { randomBytes } from 'node:crypto';
import { takeLease } from '../../../src/db/queries/deliveries/lease';
import { nextOrdered } from '../../../src/db/queries/deliveries/mark-and-next';
import { readBody } from '../../../src/db/queries/deliveries/read-body';
import { insertDelivery, insertIntegration } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

async function inbox(body: Buffer) {
  const id = await insertIntegration(db.pool);
  await insertDelivery(db.pool, { integration_id: id, headers: '[["a","b"]]', body });
  const taken = await takeLease(db.pool, id, 60_000);
  if (taken.kind !== 'taken') throw new Error(`the lease is ${taken.kind}`);
  return async (alongBytes: number) => {
    const step = await nextOrdered(db.pool, id, taken.fencingToken, 60_000, alongBytes);
    if (step?.delivery == null) throw new Error('nothing is next');
    return step.delivery;
  };
}

test('a body comes along with a look where it and its headers are no larger than that has room for', async () => {
  const body = randomBytes(1_000);
  const look = await inbox(body);
  expect((await look(1_011)).body?.equals(body)).toBe(true);
  expect(await look(1_010)).toMatchObject({ body: null, bodyBytes: 1_000 });
  const empty = await inbox(Buffer.alloc(0));
  expect(await empty(11)).toMatchObject({ body: Buffer.alloc(0), bodyBytes: 0 });
});

test.each([0, 1, 512 * 1024, 512 * 1024 + 1, 1_500_000])(
  'a body of %d bytes is read as it is stored, while it is pending',
  async (size) => {
    const body = randomBytes(size);
    const look = await inbox(body);
    const delivery = await look(0);
    expect(delivery.body).toBeNull();
    expect((await readBody(db.pool, delivery))?.equals(body)).toBe(true);
    await db.pool.query("UPDATE deliveries SET state = 'failed', ended_at = now() WHERE id = $1", [
      delivery.id,
    ]);
    if (size > 0) expect(await readBody(db.pool, delivery)).toBeNull();
  },
);
