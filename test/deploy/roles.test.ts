import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { migrate } from '../../src/db/migrate';
import { createPool, type Pool } from '../../src/db/pool';
import { readCurrentRole } from '../../src/db/roles';
import { createLog } from '../../src/lib/log';
import { noteSecret } from '../support/recorder/record';
import { emptyDatabase, type TestDatabase } from '../support/servers/database';
import { type ComposeFile, readComposeFile, root } from './compose-file';

const silent = createLog('silent');
const unique = randomBytes(6).toString('hex');
const owner = `owner_${unique}`;
const run = `run_${unique}`;
const superuser = `super_${unique}`;
const secrets = mkdtempSync(path.join(tmpdir(), 'holdfast-secrets-'));
// One cluster has all tests: the names and the folder are others than in a volume of its own.
const script = readFileSync(path.join(root, 'deploy/postgres/roles.sql'), 'utf8')
  .replaceAll('holdfast_owner', owner)
  .replaceAll('holdfast_run', run)
  .replaceAll('/run/secrets', secrets);

const secretOf = (kind: string) => {
  const made = `${kind}-${randomBytes(12).toString('hex')}`;
  noteSecret('database password', made);
  return made;
};
const as = (db: TestDatabase, role: string, password: string) => {
  const url = new URL(db.url);
  return Object.assign(url, { username: role, password }).href;
};
function writeSecret(name: string, text: string): void {
  rmSync(path.join(secrets, name), { force: true });
  writeFileSync(path.join(secrets, name), `${text}\n`, { mode: 0o444 });
}

interface World {
  db: TestDatabase;
  superUrl: string;
  ownerUrl: string;
  runUrl: string;
}
const worlds: World[] = [];

/** A database of a superuser, as the image leaves it; the files as `deploy/make-env.sh` writes them. */
async function world(): Promise<World> {
  const db = await emptyDatabase();
  const [superPassword, ownerPassword, runPassword] = ['super', 'owner', 'run'].map(secretOf);
  await db.pool.query(`DROP ROLE IF EXISTS ${superuser}`);
  await db.pool.query(`CREATE ROLE ${superuser} SUPERUSER LOGIN PASSWORD 'an-earlier-password'`);
  await db.pool.query(`ALTER DATABASE ${new URL(db.url).pathname.slice(1)} OWNER TO ${superuser}`);
  const ownerUrl = as(db, owner, ownerPassword ?? '');
  const runUrl = as(db, run, runPassword ?? '');
  writeSecret('holdfast_postgres_password', superPassword ?? '');
  writeSecret('holdfast_migrate_database_url', ownerUrl);
  writeSecret('holdfast_database_url', runUrl);
  const made = { db, ownerUrl, runUrl, superUrl: as(db, superuser, superPassword ?? '') };
  worlds.push(made);
  return made;
}

async function inSession<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}
const runScript = (url: string) => inSession(url, (client) => client.query(script));
const earlier = (db: TestDatabase) => as(db, superuser, 'an-earlier-password');

beforeAll(() => chmodSync(secrets, 0o755));
afterEach(async () => {
  const [made] = worlds.splice(0);
  if (made === undefined) return;
  for (const role of [run, owner, superuser]) {
    const { rowCount } = await made.db.pool.query('SELECT FROM pg_roles WHERE rolname = $1', [
      role,
    ]);
    if (rowCount === 0) continue;
    await made.db.pool.query(
      `REASSIGN OWNED BY ${role} TO CURRENT_USER; DROP OWNED BY ${role}; DROP ROLE ${role}`,
    );
  }
  await made.db.drop();
});
afterAll(() => rmSync(secrets, { recursive: true }));

/** As the gateway is connected. */
async function withPool<T>(url: string, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createPool(url, silent);
  return work(pool).finally(() => pool.end());
}

async function refuses(url: string, statements: readonly string[]): Promise<void> {
  await withPool(url, async (pool) => {
    for (const statement of statements) {
      await expect([statement, pool.query(statement)][1]).rejects.toThrow(
        /permission denied|must be|must have/,
      );
    }
  });
}

test('the script of the image makes an owner that migrates and a role that runs, and neither may do more', async () => {
  const { db, ownerUrl, runUrl, superUrl } = await world();
  await runScript(earlier(db));
  const { rows } = await db.pool.query<Record<string, unknown>>(
    `SELECT rolname, rolcanlogin, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls AS "mayMore",
            rolname IN (SELECT grantee.rolname FROM pg_auth_members JOIN pg_roles grantee ON grantee.oid = member) AS "isMember"
     FROM pg_roles WHERE rolname = ANY ($1) ORDER BY rolname`,
    [[owner, run]],
  );
  expect(rows).toEqual(
    [owner, run].map((rolname) => ({
      rolname,
      rolcanlogin: true,
      mayMore: false,
      isMember: false,
    })),
  );
  await migrate(ownerUrl, silent, runUrl);
  await withPool(runUrl, async (pool) => {
    expect(await readCurrentRole(pool)).toEqual({ name: run, mayChangeSchema: false, lacks: [] });
    await pool.query('DELETE FROM sessions WHERE false');
  });
  await refuses(runUrl, [
    'CREATE TABLE mine ()',
    'CREATE TEMPORARY TABLE mine ()',
    'CREATE SCHEMA mine',
    'DROP TABLE sessions',
    `SET ROLE ${owner}`,
    `SELECT pg_read_file('${secrets}/holdfast_postgres_password')`,
  ]);
  await refuses(ownerUrl, [
    'CREATE ROLE mine',
    'CREATE DATABASE mine',
    `ALTER ROLE ${run} PASSWORD 'x'`,
    `SET ROLE ${superuser}`,
    `COPY (SELECT 1) TO PROGRAM 'true'`,
    `SELECT pg_read_file('${secrets}/holdfast_postgres_password')`,
  ]);
  // Again, as whoever runs it twice.
  await runScript(superUrl);
  await migrate(ownerUrl, silent, runUrl);
});

test('a volume whose owner was the superuser is handed over with all that is in it, and gets a new password', async () => {
  const { db, ownerUrl, runUrl, superUrl } = await world();
  await migrate(earlier(db), silent);
  await runScript(earlier(db));
  await expect(inSession(earlier(db), () => Promise.resolve())).rejects.toMatchObject({
    code: '28P01',
  });
  await inSession(superUrl, () => Promise.resolve());
  const { rows } = await db.pool.query(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner <> $1::regrole
     UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner <> $1::regrole
     UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typowner <> $1::regrole`,
    [owner],
  );
  expect(rows).toEqual([]);
  await migrate(ownerUrl, silent, runUrl);
  await withPool(runUrl, async (pool) => {
    expect(await readCurrentRole(pool)).toEqual({ name: run, mayChangeSchema: false, lacks: [] });
  });
  // As the next migration does.
  await inSession(ownerUrl, (client) =>
    client.query('ALTER TABLE sessions ADD COLUMN later text; DROP VIEW connector_health'),
  );
});

test('an address that it can not read makes nothing, and no password stands in what it says', async () => {
  const { db } = await world();
  const odd = secretOf('odd');
  writeSecret('holdfast_database_url', `postgres://${run}:${odd}%41@host/holdfast`);
  const failed = await runScript(earlier(db)).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(pg.DatabaseError);
  expect(String(failed)).toContain('holdfast_database_url has no address of');
  expect(JSON.stringify(failed)).not.toContain(odd);
  const { rowCount } = await db.pool.query('SELECT FROM pg_roles WHERE rolname = ANY ($1)', [
    [owner, run],
  ]);
  expect(rowCount).toBe(0);
});

test('Compose has the image run it, with the files that it reads', () => {
  const { services } = readComposeFile() as ComposeFile;
  const { volumes = [], secrets: mounted = [] } = services['holdfast-postgres'] ?? {};
  expect(volumes).toContain('./deploy/postgres:/docker-entrypoint-initdb.d:ro');
  const original = readFileSync(path.join(root, 'deploy/postgres/roles.sql'), 'utf8');
  const read = original.match(/\/run\/secrets\/\w+/g) ?? [];
  expect(mounted.map((name) => `/run/secrets/${name}`).sort()).toEqual([...new Set(read)].sort());
});
