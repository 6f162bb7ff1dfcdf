import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { ConfigError } from '../config/settings';
import { createPool, type Queryable } from './pool';
import { relations } from './relations';
import type { Logger } from '../lib/log';
import { inTransaction } from './transaction';

/** Of `pg_advisory_xact_lock`: of two that grant the same at once, Postgres fails one. */
const lock = 4_201_733_021;

interface Login {
  role: string;
  password: string | undefined;
}

/** By the driver's own reading, which knows parameters and the variables of libpq. */
function loginOf(databaseUrl: string): Login {
  const { user, password } = new pg.Client({ connectionString: databaseUrl });
  return { role: user ?? '', password: password ?? undefined };
}

/**
 * Lets the role that runs read and write the rows of Holdfast's tables, and nothing else. Where there is no such role it
 * is made, with the password of its address; one that Postgres refuses becomes the role's again. Safe when several processes do it at once.
 *
 * @param ownerUrl as whom the schema was migrated
 * @param runUrl as whom gateway and worker connect; the same role as the owner's is left as it is
 * @throws ConfigError where there is no such role or its password is another, and the owner may not mend it
 */
export async function prepareRunningRole(
  ownerUrl: string,
  runUrl: string,
  log: Logger,
): Promise<void> {
  const login = loginOf(runUrl);
  if (login.role === loginOf(ownerUrl).role) return;
  const pool = createPool(ownerUrl, log, { applicationName: 'holdfast migrate', max: 1 });
  try {
    await inTransaction(pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [lock]);
      const isNew = await makeRole(client, login);
      await grant(client, pg.escapeIdentifier(login.role));
      const isRefused = !isNew && (await isPasswordRefused(runUrl));
      if (isRefused) await setPassword(client, login);
      log.info(
        { event: 'migration.role_granted', role: login.role, isNew, hasNewPassword: isRefused },
        'The role that runs may read and write rows',
      );
    });
  } finally {
    await pool.end();
  }
}

/** @throws ConfigError where there are tables already, of a role that this one can't act as */
export async function refuseOtherOwner(db: Queryable): Promise<void> {
  const { rows } = await db.query<{ owner: string; name: string }>(
    `SELECT pg_get_userbyid(relowner) AS owner, current_user AS name FROM pg_class
      WHERE oid = to_regclass('migrations') AND NOT pg_has_role(relowner, 'USAGE')`,
  );
  const [other] = rows;
  if (other === undefined) return;
  throw new ConfigError([
    `HOLDFAST_MIGRATE_DATABASE_URL: the tables belong to the role "${other.owner}", and "${other.name}" can't change them; allowed: their owner's address`,
  ]);
}

async function makeRole(client: Queryable, { role, password }: Login): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean; mayMake: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1::text) AS exists,
            rolcreaterole OR rolsuper AS "mayMake"
       FROM pg_roles WHERE rolname = current_user`,
    [role],
  );
  const [found] = rows;
  if (found?.exists === true) return false;
  if (found?.mayMake !== true || password === undefined) {
    throw new ConfigError([
      `DATABASE_URL: there is no role "${role}", and it can't be made; allowed: a role that exists (CREATE ROLE … LOGIN), or an owner in HOLDFAST_MIGRATE_DATABASE_URL that may make roles, and a password`,
    ]);
  }
  const secret = pg.escapeLiteral(scramVerifier(password));
  await client.query(`CREATE ROLE ${pg.escapeIdentifier(role)} LOGIN PASSWORD ${secret}`);
  return true;
}

/** SQLSTATE invalid_password. That a login fails in another way gateway and worker say themselves. */
async function isPasswordRefused(runUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: runUrl, connectionTimeoutMillis: 3_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === '28P01';
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The last step: where it fails so does the whole transaction. */
async function setPassword(client: Queryable, { role, password = '' }: Login): Promise<void> {
  const secret = pg.escapeLiteral(scramVerifier(password));
  try {
    await client.query(`ALTER ROLE ${pg.escapeIdentifier(role)} PASSWORD ${secret}`);
  } catch (cause) {
    // SQLSTATE insufficient_privilege.
    if ((cause as { code?: unknown }).code !== '42501') throw cause;
    throw new ConfigError([
      `DATABASE_URL: Postgres refuses the password of the role "${role}", and it can't be set anew; allowed: the role's password, or an owner in HOLDFAST_MIGRATE_DATABASE_URL that may alter the role`,
    ]);
  }
}

/**
 * What Postgres keeps of a password (RFC 5803; RFC 7677 section 3): a statement with the password itself would stand in the
 * server's log as soon as it failed. Pure but for the salt.
 */
export function scramVerifier(password: string): string {
  const iterations = 4_096;
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256');
  const keyed = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  const server = keyed('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${server}`;
}

async function grant(client: Queryable, role: string): Promise<void> {
  const { rows } = await client.query<{ schema: string }>(
    'SELECT quote_ident(current_schema()) AS schema',
  );
  const { tables, views, sequences } = relations;
  await client.query(`GRANT USAGE ON SCHEMA ${rows[0]?.schema ?? 'public'} TO ${role}`);
  await client.query(`GRANT SELECT ON migrations, ${views.join(', ')} TO ${role}`);
  await client.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables.join(', ')} TO ${role}`);
  await client.query(`GRANT USAGE ON SEQUENCE ${sequences.join(', ')} TO ${role}`);
}

/** As whom a process is connected, and what that means. */
export interface CurrentRole {
  name: string;
  /** It owns tables, or may make some: what it needs at migrations only. */
  mayChangeSchema: boolean;
  /** Tables and views that it can't read or write as it has to. */
  lacks: string[];
}

/** Of a migrated database. */
export async function readCurrentRole(db: Queryable): Promise<CurrentRole | undefined> {
  const { rows } = await db.query<CurrentRole>(
    `WITH ours AS (
       SELECT t.oid, t.relname, t.relowner, t.relkind FROM pg_class m
       JOIN pg_class t ON t.relnamespace = m.relnamespace AND t.relowner = m.relowner
       WHERE m.oid = to_regclass('migrations') AND t.relname = ANY ($1::text[])
     )
     SELECT current_user AS name,
            bool_or(pg_has_role(relowner, 'USAGE'))
              OR coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS "mayChangeSchema",
            coalesce(array_agg(relname::text ORDER BY relname) FILTER (
              WHERE NOT (has_table_privilege(oid, 'SELECT')
                         AND (relkind = 'v'
                              OR has_table_privilege(oid, 'INSERT') AND has_table_privilege(oid, 'UPDATE')
                                 AND has_table_privilege(oid, 'DELETE')))
            ), '{}') AS lacks
     FROM ours HAVING count(*) > 0`,
    [[...relations.tables, ...relations.views]],
  );
  return rows[0];
}

/** What somebody should do about a role; undefined where all is as it should be. */
export function roleFault({ name, lacks }: CurrentRole): string | undefined {
  if (lacks.length === 0) return undefined;
  const some = lacks.slice(0, 3).join(', ') + (lacks.length > 3 ? ', …' : '');
  return `the role "${name}" of DATABASE_URL lacks rights on ${lacks.length} tables (${some}): run "holdfast migrate" as their owner, with HOLDFAST_MIGRATE_DATABASE_URL`;
}
