import pg from 'pg';
import type { Config, Environment } from '../config';
import { dataDirPaths } from '../dev/data-dir';
import { explainLocalKeys } from '../dev/local-keys';
import { messageOf } from '../lib/errors';
import { examineKeys } from '../encryption/examine-keys';
import { SealingKeyError } from '../encryption/encryption-key-error';
import { answerLimitMs, wrong, type Finding } from './finding';
import { keyFindings } from './key-findings';

/** Counting a million values takes seconds. */
const queryLimitMs = 20_000;

/** SQLSTATE undefined_table and undefined_function: not migrated, which has a line of its own. */
const notMigrated = ['42P01', '42883'];

/** What is sealed with which key. Nothing of a database that doesn't answer: that has a line of its own. */
export async function checkKeys(
  { databaseUrl, keys, dataDir }: Config,
  env: Environment,
): Promise<Finding[]> {
  if (databaseUrl === undefined || keys.length === 0) return [];
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: answerLimitMs,
    query_timeout: queryLimitMs,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch {
    return [];
  }
  try {
    return await keyFindings(client, keys, await examineKeys(client, keys));
  } catch (error) {
    if (error instanceof SealingKeyError) {
      return explainLocalKeys(error, env, dataDirPaths(dataDir)).problems.map(wrong);
    }
    const { code } = error as { code?: unknown };
    return notMigrated.includes(String(code)) ? [] : [wrong(`Sealing keys: ${messageOf(error)}`)];
  } finally {
    await client.end().catch(() => undefined);
  }
}
