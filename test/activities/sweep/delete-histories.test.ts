import { createDeleteHistories } from '../../../activities/sweep/delete-histories';
import { createLog } from '../../../src/lib/log';
import type { ActorRun } from '../../../src/temporal/histories';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

test.each([
  [true, ['credential:crd_1']],
  [false, ['credential:crd_1', 'credential:crd_2']],
])(
  'an actor is forgotten where Temporal has nothing of it: all were listed is %s',
  async (isAll, left) => {
    await db.pool.query('TRUNCATE deleted_actors');
    await db.pool.query(
      `INSERT INTO deleted_actors (workflow_id, deleted_at, look_at)
       SELECT unnest($1::text[]), now() - interval '1 hour', now()`,
      [['credential:crd_1', 'credential:crd_2']],
    );
    const listed: ActorRun[] = [{ workflowId: 'credential:crd_1', runId: 'r', running: false }];
    const deleted: ActorRun[] = [];
    const deleteHistories = createDeleteHistories({
      pool: db.pool,
      actors: {
        integrationDeleted: () => Promise.resolve(),
        credentialDeleted: () => Promise.resolve(),
      },
      histories: {
        runsOf: () => Promise.resolve({ runs: listed, isAll }),
        deleteRun: (run) => Promise.resolve(void deleted.push(run)),
      },
      log: createLog('silent'),
    });
    await deleteHistories();
    expect(deleted).toEqual(listed);
    const { rows } = await db.pool.query<{ id: string }>(
      'SELECT workflow_id AS id FROM deleted_actors ORDER BY 1',
    );
    expect(rows.map(({ id }) => id)).toEqual(left);
  },
);
