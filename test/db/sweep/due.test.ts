import { createLog } from '../../../src/lib/log';
import {
  createRecordReason,
  createSettle,
  type SettleInput,
} from '../../../activities/status/settle';
import { insertIntegration } from '../../../src/db/queries/integrations/insert';
import { listBroken } from '../../../src/db/queries/overview';
import { duePage } from '../../../src/db/queries/sweep/due';
import { decideStatus } from '../../../workflows/decide-status';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertCredential, linkCredential } from '../../support/scenes/rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const dueNow = () =>
  duePage(db.pool, 'status', { all: false, after: '', limit: 9 }).then(({ due }) => due);
const rung = [{ kind: 'status', id: 'int_1', version: 0 }];
const nothingSaid = { invalidations: [], revivals: [], invalidateAll: false, reviveAll: false };

const settling = {
  actors: { lookAtCredential: () => Promise.resolve(), reauthorized: () => Promise.resolve() },
  durations: { trialPauseMs: 60_000 },
  log: createLog('silent'),
};
const settle = () => {
  const asked: SettleInput = { integrationId: 'int_1', ...nothingSaid, resume: false };
  return createSettle({ ...db, ...settling })(asked);
};

/** As its actor does when it is rung. */
async function look(): Promise<void> {
  const facts = await settle();
  const decision = facts === null ? null : decideStatus(facts);
  if (facts === null || decision?.kind !== 'reason') throw new Error('there is nothing to write');
  const { transition: expected } = facts;
  await createRecordReason(db)({ integrationId: 'int_1', expected, next: decision.next });
}

const set = (id: string, state: string, code: string | null) =>
  db.pool.query('UPDATE credentials SET state = $2, code = $3 WHERE id = $1', [id, state, code]);

test('S4 the sweep rings for an ERROR that names another credential than the dead one, until it names that', async () => {
  const reason = { code: 'revoked', credential: 'backup', by: 'system' } as const;
  const credentials = ['backup', 'main'];
  await insertIntegration(db.pool, {
    ...{ id: 'int_1', userId: 'u', name: 'crm', provider: 'acme', handler: 'forward' },
    ...{ metadata: null, destinationUrl: null, parameters: null, webhookAccount: null },
    ...{ whenError: 'keep', whenDisabled: 'keep', status: 'ERROR' },
    reason: { ...reason, credentials, message: 'The credentials are dead.' },
  });
  for (const name of ['backup', 'main']) {
    const id = `crd_${name}`;
    await insertCredential(db.pool, { id, user_id: 'u', state: 'dead', code: 'revoked' });
    await linkCredential(db.pool, { integration_id: 'int_1', name, credential_id: id });
  }
  expect(await dueNow()).toEqual([]);

  await set('crd_backup', 'alive', null);
  expect(await dueNow()).toEqual(rung);
  await look();
  expect(await dueNow()).toEqual([]);

  await set('crd_main', 'dead', 'rotation_lost');
  expect(await dueNow()).toEqual(rung);
  await look();
  expect(await dueNow()).toEqual([]);

  await set('crd_main', 'degraded', 'http_503');
  expect(await dueNow()).toEqual(rung);
});

test('S4 the sweep rings once for an ERROR that an older process wrote, which says of nobody that it is named', async () => {
  await set('crd_main', 'dead', 'revoked');
  await look();
  const read = () =>
    db.pool
      .query('SELECT reason_message, reason_credentials, reason_since FROM integrations')
      .then(({ rows }) => rows as unknown[]);
  const before = await read();
  await db.pool.query('UPDATE integrations SET reason_credentials = NULL');
  expect(await dueNow()).toEqual(rung);
  await settle();
  expect(await dueNow()).toEqual([]);
  // The same reason, since when it was.
  expect(await read()).toEqual(before);
});

test('S4 the sweep rings for an ERROR that says "not connected" where another credential has died, until it says that', async () => {
  await db.pool.query("UPDATE credentials SET version = 0 WHERE id = 'crd_backup'");
  await set('crd_backup', 'missing', 'not_connected');
  await set('crd_main', 'dead', 'revoked');
  // As an older process wrote it: by the names.
  await db.pool.query(
    `UPDATE integrations SET reason_code = 'not_connected', reason_credential = 'backup',
       reason_credentials = '{backup,main}'`,
  );
  expect(await dueNow()).toEqual(rung);
  expect(await listBroken(db.pool)).toEqual([]);
  await look();
  expect(await dueNow()).toEqual([]);
  expect(await listBroken(db.pool)).toMatchObject([{ code: 'revoked', example: 'int_1' }]);

  await set('crd_main', 'alive', null);
  expect(await dueNow()).toEqual(rung);
  await look();
  expect(await dueNow()).toEqual([]);
  expect(await listBroken(db.pool)).toEqual([]);
});
