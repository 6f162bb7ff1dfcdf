import pg from 'pg';
import { createPool, type Pool } from '../../../src/db/pool';
import { createLog } from '../../../src/lib/log';
import { keepRows } from '../secret-scan/rows';

export const adminUrlVariable = 'HOLDFAST_TEST_POSTGRES_URL';
export const templateDatabase = 'holdfast_template';

export const runRole = 'holdfast_run';

export interface TestDatabase {
  /** As the tables' owner, who can do everything. */
  url: string;
  /** As the role that gateway and worker run as. */
  runUrl: string;
  pool: Pool;
  drop(): Promise<void>;
}

/** From 1; a number of `sequence` that no other caller of this run gets. */
export async function testNumber(sequence: 'databases' | 'namespaces'): Promise<number> {
  const [row] = await admin<{ number: string }>(`SELECT nextval('${sequence}') AS number`);
  return Number(row?.number);
}

/** A migrated, empty database of the caller's own; call `drop` in `afterAll`. */
export async function testDatabase(): Promise<TestDatabase> {
  return createFrom(templateDatabase);
}

/** A database without any table. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return createFrom('template0');
}

async function createFrom(template: string): Promise<TestDatabase> {
  const name = `test_${await testNumber('databases')}`;
  await admin(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = new URL(adminUrl());
  url.pathname = name;
  const runUrl = new URL(url);
  runUrl.username = runRole;
  const pool = createPool(url.href, createLog('silent'));
  return {
    url: url.href,
    runUrl: runUrl.href,
    pool,
    drop: async () => {
      await pool.end();
      await keepRows(url.href);
      await admin(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function admin<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

function adminUrl(): string {
  const url = process.env[adminUrlVariable];
  if (url === undefined) throw new Error('Postgres was not started: see runner/needs.cjs');
  return url;
}
