import { createSweepInbox } from '../../../activities/sweep/sweep';
import { createEnvelope } from '../../../src/crypto/envelope';
import { openRegistry } from '../../support/connections';
import { sealingKey } from '../../encryption/encrypted-rows';
import { createLog } from '../../../src/lib/log';
import { readSweepState } from '../../../src/db/queries/sweep/state';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import {
  insertCredential,
  insertDelivery,
  insertIntegration,
  sql,
} from '../../support/scenes/rows';
import { nothingToHeal } from './sweeping';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

test('an actor that can not be signalled keeps nobody else from being rung', async () => {
  for (const id of ['int_a', 'int_b', 'int_c']) {
    await insertIntegration(db.pool, { id });
    await insertDelivery(db.pool, { integration_id: id });
  }
  const rung: string[] = [];
  const ring = (id: string) => {
    rung.push(id);
    return id === 'int_a' ? Promise.reject(new Error('BUSY_WORKFLOW')) : Promise.resolve();
  };
  const lines: string[] = [];
  const sweepInbox = createSweepInbox({
    pool: db.pool,
    actors: {
      ...{
        lookAtIntegration: ring,
        lookAtCredential: ring,
        noticeWaiting: ring,
        replayWaiting: ring,
      },
      ...{ integrationDeleted: ring, credentialDeleted: ring },
    },
    startComparison: () => Promise.resolve(),
    registry: openRegistry({}),
    envelope: createEnvelope([sealingKey('k1')]),
    ...{ keepLimit: 100, keepLimitBytes: 100_000 },
    ...{ publicUrl: '', notifyUrl: undefined, durations: { failingNoticeMs: 900_000 } },
    histories: {
      runsOf: () => Promise.resolve({ runs: [], isAll: true }),
      deleteRun: () => Promise.resolve(),
    },
    runs: nothingToHeal,
    log: createLog('info', { write: (line) => void lines.push(line) }),
  });
  expect((await readSweepState(db.pool))?.lastAt).toBeNull();
  expect(await sweepInbox({ all: false, cursor: null })).toMatchObject({ cursor: null });
  const noted = await readSweepState(db.pool);
  expect(noted?.lastAt).toBeInstanceOf(Date);
  expect(noted?.seconds).toBeLessThan(60);
  expect(rung).toEqual(['int_a', 'int_b', 'int_c']);
  expect(lines.join()).toContain('"failed":1');
});

test('S39 a credential whose probe nobody has set a time for, or whose time has passed, is rung', async () => {
  const due = "now() - interval '1 minute'";
  const rows: [string, string, 'alive' | 'dead', string][] = [
    ['crd_unset', 'probing', 'alive', 'NULL'],
    ['crd_late', 'probing', 'alive', due],
    ['crd_soon', 'probing', 'alive', "now() + interval '1 minute'"],
    ['crd_dead', 'probing', 'dead', due],
    ['crd_other', 'plain', 'alive', 'NULL'],
  ];
  for (const [id, provider, state, at] of rows) {
    const credential = { id, provider, version: 3, state, code: 'x' };
    await insertCredential(db.pool, { ...credential, probe_at: sql(at) });
  }
  const rung: string[] = [];
  const none = () => Promise.resolve();
  const oauth = { clientId: 'c', authorizationUrl: 'https://a.test', tokenUrl: 'https://a.test' };
  const probe = { url: 'https://a.test/me', everySeconds: 60 };
  const sweepInbox = createSweepInbox({
    pool: db.pool,
    actors: {
      ...{ lookAtIntegration: none, noticeWaiting: none, replayWaiting: none },
      ...{ integrationDeleted: none, credentialDeleted: none },
      lookAtCredential: (id, version) => {
        rung.push(`${id} ${version}`);
        return Promise.resolve();
      },
    },
    startComparison: () => Promise.resolve(),
    registry: openRegistry({ providers: { probing: { oauth, probe }, plain: { oauth } } }),
    envelope: createEnvelope([sealingKey('k1')]),
    ...{ keepLimit: 100, keepLimitBytes: 100_000 },
    ...{ publicUrl: '', notifyUrl: undefined, durations: { failingNoticeMs: 900_000 } },
    histories: {
      runsOf: () => Promise.resolve({ runs: [], isAll: true }),
      deleteRun: () => Promise.resolve(),
    },
    runs: nothingToHeal,
    log: createLog('silent'),
  });
  await sweepInbox({ all: false, cursor: null });
  expect(rung).toEqual(['crd_late 3', 'crd_unset 3']);
});
