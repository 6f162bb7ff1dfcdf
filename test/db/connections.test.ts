import { readConnections } from '../../src/db/queries/people/connections';
import { insertIntegration } from '../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../support/servers/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

test('of more connections than a page has, those that broke come before those never connected, and both before others', async () => {
  const broken = (name: string, reason_code: string) =>
    insertIntegration(db.pool, {
      ...{ id: `int_${name}`, user_id: 'ada', name, status: 'ERROR', reason_code },
    });
  await insertIntegration(db.pool, { id: 'int_a', user_id: 'ada', name: 'a' });
  await broken('b', 'not_connected');
  await broken('c', 'revoked');
  await broken('d', 'invalid_grant');
  const limits = { count: 1, changes: 1 };
  const names = async (connections: number) =>
    (await readConnections(db.pool, 'ada', { connections, ...limits })).map(({ name }) => name);
  expect(await names(10)).toEqual(['c', 'd', 'b', 'a']);
  expect(await names(1)).toEqual(['c', 'd']);
});
