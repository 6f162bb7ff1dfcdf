import pg from 'pg';
import { setTimeout as pause } from 'node:timers/promises';

/** Of tables too large to stand still for a migration: each webhook would wait for it. */
const indexes = {
  // Dead letters of all integrations. What is handled has no entry here.
  deliveries_failed: `deliveries (received_at DESC, id DESC) WHERE state = 'failed'`,
};

/** Of `pg_try_advisory_lock`, held as long as its session lives. */
const lock = 4_201_733_022;
const againMs = 100;

/**
 * Builds what isn't there beside the writes, and anew what an interrupted build left. Safe when several processes do it at
 * once.
 *
 * @param databaseUrl the owner's, without a pooler that hands sessions on
 */
export async function buildIndexes(databaseUrl: string): Promise<void> {
  // A pool's time limits would end a long build.
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'holdfast migrate',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // A statement that waits for the lock would wait for a build that waits for all earlier statements.
    while (!(await hasLock(client))) await pause(againMs);
    for (const [name, definition] of Object.entries(indexes)) await build(client, name, definition);
  } finally {
    await client.end();
  }
}

async function hasLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock($1::bigint) AS taken',
    [lock],
  );
  return rows[0]?.taken === true;
}

async function build(client: pg.Client, name: string, definition: string): Promise<void> {
  const { rows } = await client.query<{ isValid: boolean }>(
    'SELECT indisvalid AS "isValid" FROM pg_index WHERE indexrelid = to_regclass($1::text)',
    [name],
  );
  if (rows[0]?.isValid === true) return;
  await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  await client.query(`CREATE INDEX CONCURRENTLY ${name} ON ${definition}`);
}
