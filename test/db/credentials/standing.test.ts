import { credentialSql, statusSql } from '../../../src/db/queries/sweep/due-sql';
import { credentialStates, deathCodes } from '../../../workflows/contract/status';
import { deathCodeOf, healthOf, isUsable, rankOf } from '../../../workflows/rules';
import { insertCredential, insertIntegration, linkCredential } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const standings = credentialStates.flatMap((state) =>
  [null, ...deathCodes].map((code) => ({ state, code })),
);

test('usable, what counts most, and the code of what is not usable, are the same in SQL and in TypeScript', async () => {
  const { rows } = await db.pool.query(
    `SELECT credential_is_usable(state) AS usable, credential_rank(state) AS rank,
            credential_death_code(state, code) AS code
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS s (state, code, n) ORDER BY n`,
    [standings.map(({ state }) => state), standings.map(({ code }) => code)],
  );
  expect(rows).toEqual(
    standings.map((one) => ({
      ...{ usable: isUsable(one.state), rank: rankOf(one.state), code: deathCodeOf(one) },
    })),
  );
});

test('health, over every two states, is the same in SQL and in TypeScript', async () => {
  const pairs = credentialStates.flatMap((one) => credentialStates.map((two) => [one, two]));
  for (const [n, states] of [[], ...pairs].entries()) {
    const id = `int_${n}`;
    await insertIntegration(db.pool, { id, user_id: 'u', name: String(n).padStart(2, '0') });
    for (const [place, state] of states.entries()) {
      const credential = `crd_${n}x${place}`;
      const code = state === 'alive' ? null : `${state}_code`;
      const version = state === 'missing' ? 0 : 1;
      await insertCredential(db.pool, { id: credential, user_id: 'u', state, code, version });
      const name = String(place);
      await linkCredential(db.pool, { integration_id: id, name, credential_id: credential });
    }
  }
  const { rows } = await db.pool.query<{ health: string; code: string }>(
    'SELECT health, health_code AS code FROM connector_health ORDER BY name',
  );
  expect(rows.map(({ health }) => health)).toEqual([[], ...pairs].map(healthOf));
  expect(new Set(rows.map(({ health }) => health))).toContain('new');
  // Of a dead one beside one that was never connected the code is the dead one's.
  const codes = (health: string) => rows.filter((row) => row.health === health).map((r) => r.code);
  expect(new Set(codes('dead'))).toEqual(new Set(['dead_code']));
  expect(new Set(codes('new'))).toEqual(new Set(['not_connected']));
});

test('the sweep still finds by their indexes those who can be used, and those who can not', async () => {
  const client = await db.pool.connect();
  try {
    await client.query('BEGIN; SET LOCAL enable_seqscan = off');
    const plan = async (sql: string, values: unknown[]) =>
      JSON.stringify((await client.query(`EXPLAIN ${sql}`, values)).rows);
    const alive = await plan(credentialSql, ['', 10, ['acme']]);
    for (const index of ['credentials_due', 'credentials_probe', 'credentials_unprobed'])
      expect(alive).toContain(index);
    expect(await plan(statusSql, ['', 10])).toContain('credentials_dead');
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
});
