import { randomBytes } from 'node:crypto';
import { checkPostgres } from '../../src/doctor/check-postgres';
import { checkDatabaseAtStart } from '../../src/encryption/check-database-at-start';
import { migrate } from '../../src/db/migrate';
import { createPool, type Pool } from '../../src/db/pool';
import { relations } from '../../src/db/relations';
import { readCurrentRole } from '../../src/db/roles';
import { createLog } from '../../src/lib/log';
import { sealingKey } from '../encryption/encrypted-rows';
import { noteSecret } from '../support/recorder/record';
import { emptyDatabase, type TestDatabase } from '../support/servers/database';
import { eventually } from '../support/eventually';

const silent = createLog('silent');
const role = `run_${randomBytes(6).toString('hex')}`;
// Its characters have a meaning in addresses, in SQL and in SASL.
const password = `p'a s:${randomBytes(12).toString('base64')}/ªÅ`;
let db: TestDatabase;
let runUrl: string;
let pool: Pool;

const as = (url: string, name: string, secret: string) => {
  const made = new URL(url);
  made.username = name;
  made.password = encodeURIComponent(secret);
  return made.href;
};

beforeAll(async () => {
  noteSecret('database password', password);
  db = await emptyDatabase();
  runUrl = as(db.url, role, password);
  await migrate(db.url, silent, runUrl);
  pool = createPool(runUrl, silent);
});
afterAll(async () => {
  await pool.end();
  await db.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await db.drop();
});

test('the role that runs is made by the migration, reads and writes rows, and can do nothing else', async () => {
  const { rows } = await db.pool.query<{ name: string; isView: boolean }>(
    `SELECT relname AS name, relkind = 'v' AS "isView" FROM pg_class
     WHERE relkind IN ('r', 'v') AND relnamespace = 'public'::regnamespace`,
  );
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter(({ isView }) => isView)).not.toHaveLength(0);
  for (const { name, isView } of rows) {
    await pool.query(`SELECT FROM ${name} LIMIT 1`);
    if (name === 'migrations' || isView) continue;
    await pool.query(`DELETE FROM ${name} WHERE false`);
    await pool.query(`SELECT FROM ${name} FOR UPDATE`);
  }
  await pool.query(`SELECT nextval('delivery_sequence')`);
  for (const statement of [
    'CREATE TABLE mine ()',
    'CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    'ALTER TABLE sessions ADD COLUMN mine text',
    'ALTER TABLE sessions DISABLE TRIGGER ALL',
    'DROP TABLE sessions',
    'TRUNCATE sessions',
    'CREATE INDEX mine ON sessions (id)',
    `DELETE FROM migrations`,
    'CREATE ROLE mine',
    `ALTER ROLE ${role} SUPERUSER`,
    'CREATE SCHEMA mine',
  ]) {
    await expect([statement, pool.query(statement)][1]).rejects.toThrow(
      /permission denied|must be owner|must have/,
    );
  }
});

test('the list of what is granted is what the migrations make', async () => {
  const { rows } = await db.pool.query<{ name: string; kind: 'r' | 'v' | 'S' }>(
    `SELECT relname AS name, relkind AS kind FROM pg_class c
     WHERE relkind NOT IN ('i', 'I', 'c', 't') AND relnamespace = 'public'::regnamespace
       AND relname NOT LIKE 'migrations%'
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i' AND c.relkind = 'S')
     ORDER BY relname`,
  );
  const of = (kind: string) => rows.filter((one) => one.kind === kind).map(({ name }) => name);
  expect({ tables: of('r'), views: of('v'), sequences: of('S') }).toEqual(relations);
  expect(rows.filter(({ kind }) => !['r', 'v', 'S'].includes(kind))).toEqual([]);
});

test('no function has its owner’s rights and looks for names where its caller says', async () => {
  const { rows } = await db.pool.query(
    `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
       AND coalesce(array_to_string(proconfig, ' '), '') !~ 'search_path='`,
  );
  expect(rows).toEqual([]);
});

test('tables of an application in the same schema are not the role’s, and nothing is lacked there', async () => {
  await db.pool.query(
    'CREATE TABLE customers (id bigserial); CREATE VIEW paying AS TABLE customers',
  );
  await migrate(db.url, silent, runUrl);
  for (const statement of [
    'TABLE customers',
    'TABLE paying',
    `SELECT nextval('customers_id_seq')`,
  ]) {
    await expect([statement, pool.query(statement)][1]).rejects.toThrow('permission denied');
  }
  expect(await readCurrentRole(pool)).toMatchObject({ mayChangeSchema: false, lacks: [] });
  await db.pool.query('DROP TABLE customers CASCADE');
});

test('a password that was lost, and is another now, is the role’s again with the next migration', async () => {
  const answer = async () => {
    const fresh = createPool(runUrl, silent);
    return fresh.query('SELECT 1').finally(() => fresh.end());
  };
  await db.pool.query(`ALTER ROLE ${role} PASSWORD 'another-password-of-a-test'`);
  await expect(answer()).rejects.toMatchObject({ code: '28P01' });
  await Promise.all([1, 2].map(() => migrate(db.url, silent, runUrl)));
  await answer();
});

test('two that migrate at once grant it once each, and another migration changes nothing', async () => {
  await Promise.all([1, 2, 3].map(() => migrate(db.url, silent, runUrl)));
  expect(await readCurrentRole(pool)).toEqual({ name: role, mayChangeSchema: false, lacks: [] });
  // Without an owner's address of its own nothing is granted to anybody.
  await migrate(db.url, silent);
});

const findings = async (url: string) =>
  (await checkPostgres(url)).map(
    ({ well, warns, text }) => `${warns ? 'warn' : well ? 'ok' : 'wrong'} ${text}`,
  );

test('doctor and the start say whether a role may change the schema, or lacks a right', async () => {
  expect(await findings(runUrl)).toContain(
    `ok Role: "${role}" reads and writes rows, and can't change the schema`,
  );
  expect((await findings(db.url)).at(-1)).toMatch(/^warn Role: "postgres" may change the schema/);

  await db.pool.query(`REVOKE UPDATE ON sessions, notices FROM ${role}`);
  const fault = `the role "${role}" of DATABASE_URL lacks rights on 2 tables (notices, sessions): run "holdfast migrate" as their owner, with HOLDFAST_MIGRATE_DATABASE_URL`;
  expect((await findings(runUrl)).at(-1)).toBe(`wrong Role: ${fault}`);
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const check = await checkDatabaseAtStart(pool, [sealingKey('k1')], log);
  await eventually(() => expect(lines.join('')).toContain('lacks rights on 2 tables'));
  await check.stop();
  await migrate(db.url, silent, runUrl);
  expect((await findings(runUrl)).at(-1)).toMatch(/^ok Role/);
});

test('an owner that may make no role says which is missing', async () => {
  const owner = `own_${randomBytes(6).toString('hex')}`;
  const other = await emptyDatabase();
  try {
    const { pathname } = new URL(other.url);
    await other.pool.query(`CREATE ROLE ${owner} LOGIN PASSWORD 'owner-password-of-a-test'`);
    await other.pool.query(`ALTER DATABASE ${pathname.slice(1)} OWNER TO ${owner}`);
    const ownerUrl = as(other.url, owner, 'owner-password-of-a-test');
    const missing = as(other.url, 'nobody_yet', 'x');
    await expect(migrate(ownerUrl, silent, missing)).rejects.toThrow(
      'there is no role "nobody_yet"',
    );
    // Whoever makes it later lets the next migration go on.
    await migrate(ownerUrl, silent, as(other.url, role, password));
    const run = createPool(as(other.url, role, password), silent);
    expect(await readCurrentRole(run)).toEqual({ name: role, mayChangeSchema: false, lacks: [] });
    await run.end();
    await expect(
      migrate(ownerUrl, silent, as(other.url, role, 'lost-password-of-a-test')),
    ).rejects.toThrow(
      `Postgres refuses the password of the role "${role}", and it can't be set anew`,
    );
  } finally {
    await other.drop();
    await db.pool.query(`DROP ROLE ${owner}`);
  }
});
