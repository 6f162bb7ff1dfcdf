import { createLog } from '../../../src/lib/log';
import { invalidateCredential } from '../../../activities/credential/invalidate';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertCredential, insertIntegrations } from '../../support/scenes/rows';

const log = createLog('silent');
let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.drop());

const death = { credentialId: 'crd_1', version: 1, code: 'invalid_grant' } as const;

async function usedBy(count: number): Promise<string[]> {
  await insertCredential(db.pool, { id: death.credentialId });
  const ids = await insertIntegrations(db.pool, count);
  await db.pool.query(
    `INSERT INTO integration_credentials (integration_id, name, credential_id)
     SELECT id, 'main', $1 FROM integrations`,
    [death.credentialId],
  );
  return ids;
}

test('S5 the death of a credential that 300 integrations use is signalled to all, 50 at a time', async () => {
  const ids = await usedBy(300);
  const signalled: { id: string; at: number }[] = [];
  const actors = {
    credentialInvalidated: (id: string) => {
      signalled.push({ id, at: performance.now() });
      return Promise.resolve();
    },
  };
  await invalidateCredential({ pool: db.pool, actors, log }, death);
  expect(signalled.map(({ id }) => id).sort()).toEqual(ids.sort());
  for (const [index, { at }] of signalled.slice(50).entries()) {
    // A timer may be a millisecond early.
    expect(at - (signalled[index]?.at ?? Infinity)).toBeGreaterThan(248);
  }
});

test('S5 one that could not be signalled makes it run again', async () => {
  const ids = await usedBy(2);
  const signalled: string[] = [];
  const actors = {
    credentialInvalidated: (id: string) => {
      signalled.push(id);
      return id === ids[0] ? Promise.reject(new Error('Temporal is away')) : Promise.resolve();
    },
  };
  const invalidate = () => invalidateCredential({ pool: db.pool, actors, log }, death);
  await expect(invalidate()).rejects.toThrow('Temporal is away');
  expect(signalled.sort()).toEqual(ids.sort());
});
