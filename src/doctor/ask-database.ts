import pg from 'pg';
import { answerLimitMs } from './finding';

/**
 * Asks on a connection of its own, which is gone afterwards.
 * @throws the connection's error, or the question's
 */
export async function askDatabase<T>(
  databaseUrl: string,
  ask: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: answerLimitMs,
    query_timeout: answerLimitMs,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await ask(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
