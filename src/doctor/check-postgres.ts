import { pendingMigrations } from '../db/migrate';
import { createPool, type Queryable } from '../db/pool';
import { readWentBack } from '../db/queries/sweep/state';
import { readCurrentRole, roleFault } from '../db/roles';
import { PoolerError, refuseSharedSessions } from '../db/pooler';
import { withoutPassword } from '../dev/summary';
import { isNobodyThere, nothingListens } from '../cli/nothing-listens';
import { messageOf } from '../lib/errors';
import { createLog } from '../lib/log';
import { askDatabase } from './ask-database';
import { type Finding, warning, well, wrong } from './finding';

export async function checkPostgres(databaseUrl: string | undefined): Promise<Finding[]> {
  if (databaseUrl === undefined) {
    return [wrong('Postgres: DATABASE_URL is not set, and "npm start" has made none here yet')];
  }
  const name = `Postgres ${withoutPassword(databaseUrl)}`;
  const pool = createPool(databaseUrl, createLog('silent'), { applicationName: 'holdfast doctor' });
  try {
    await refuseSharedSessions(pool);
    return await askDatabase(databaseUrl, async (client) => {
      const { rows } = await client.query<{ version: string }>(
        "SELECT current_setting('server_version') AS version",
      );
      const pending = await pendingMigrations(client);
      return [
        well(`${name}: version ${rows[0]?.version ?? 'unknown'}`),
        pending.length === 0
          ? well('Schema: up to date')
          : wrong(`Schema: not migrated (${pending.join(', ')}); run "holdfast migrate"`),
        ...(await roleFindings(client)),
        ...(pending.length === 0 ? await restoreFindings(client) : []),
      ];
    });
  } catch (error) {
    if (error instanceof PoolerError) return error.problems.map(wrong);
    const why = isNobodyThere(error) ? nothingListens(new URL(databaseUrl).host) : messageOf(error);
    return [wrong(`${name}: ${why}`)];
  } finally {
    await pool.end();
  }
}

async function roleFindings(client: Queryable): Promise<Finding[]> {
  const role = await readCurrentRole(client);
  if (role === undefined) return [];
  const fault = roleFault(role);
  if (fault !== undefined) return [wrong(`Role: ${fault}`)];
  return role.mayChangeSchema
    ? [
        warning(
          `Role: "${role.name}" may change the schema; run as a role that can't, and give "holdfast migrate" the owner's HOLDFAST_MIGRATE_DATABASE_URL`,
        ),
      ]
    : [well(`Role: "${role.name}" reads and writes rows, and can't change the schema`)];
}

/** The rows are of an earlier time than Temporal remembers: what that means to people, until a week is over. */
export async function restoreFindings(db: Queryable): Promise<Finding[]> {
  const wentBack = await readWentBack(db);
  if (wentBack === undefined) return [];
  const { at, from, to, broken } = wentBack;
  const span = `from ${from.toISOString()} to ${to?.toISOString() ?? 'before the first sweep'}`;
  return [
    warning(
      `Restore: Postgres went back ${span}, seen at ${at.toISOString()}: webhooks accepted in between are gone, what was handled in between comes again, ${broken} integrations are in ERROR since; see docs/how-to/back-up-and-restore.md`,
    ),
  ];
}
