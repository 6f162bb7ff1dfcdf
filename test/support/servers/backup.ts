import pg from 'pg';
import { adminUrlVariable } from './database';

/** A copy of a database at a moment, which can take its place. */
export interface Backup {
  /** Puts the copy in the place of the database, whoever is connected to it. */
  restore(): Promise<void>;
}

/** Whoever is connected loses the connection for as long as it takes. */
export async function backUp(databaseUrl: string): Promise<Backup> {
  const name = new URL(databaseUrl).pathname.slice(1);
  const copy = `${name}_backup`;
  await alone(name, (admin) => admin.query(`CREATE DATABASE ${copy} TEMPLATE ${name}`));
  return {
    restore: () =>
      alone(name, async (admin) => {
        await admin.query(`DROP DATABASE ${name}`);
        await admin.query(`ALTER DATABASE ${copy} RENAME TO ${name}`);
      }),
  };
}

/** Nobody else is connected to the database meanwhile. */
async function alone(name: string, work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client({ connectionString: process.env[adminUrlVariable] });
  await admin.connect();
  try {
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await admin.query(
      'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1',
      [name],
    );
    await work(admin);
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  } finally {
    await admin.end();
  }
}
