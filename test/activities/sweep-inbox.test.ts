import { createSweepInbox } from '../../activities/sweep-inbox';
import { createLog } from '../../src/log';
import { testDatabase, type TestDatabase } from '../support/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

test('an actor that can not be signalled keeps nobody else from being rung', async () => {
  for (const id of ['int_a', 'int_b', 'int_c']) {
    await db.pool.query(
      "INSERT INTO integrations (id, user_id, name, provider, status) VALUES ($1, 'u', $1, 'acme', 'ENABLED')",
      [id],
    );
    await db.pool.query(
      `INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, headers, body)
       VALUES ($1, $1, $1, 'accepted', 'pending', sha256($2), '[]', '')`,
      [id, Buffer.from(id)],
    );
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
      ...{ webhookReceived: ring, holdChanged: ring, tokensStored: ring, noticeWaiting: ring },
      ...{ integrationDeleted: ring, credentialDeleted: ring },
    },
    histories: { runsOf: () => Promise.resolve([]), deleteRun: () => Promise.resolve() },
    log: createLog('info', { write: (line) => void lines.push(line) }),
  });
  expect(await sweepInbox({ all: false, cursor: null })).toEqual({ cursor: null });
  expect(rung).toEqual(['int_a', 'int_b', 'int_c']);
  expect(lines.join()).toContain('"failed":1');
});
