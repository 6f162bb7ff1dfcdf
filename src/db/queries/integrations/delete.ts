import type { PoolClient } from 'pg';
import type { Queryable } from '../../pool';
import type { DeletedCredential } from '../credentials/revocations';

/**
 * The tombstone: from now on nothing finds the integration any more.
 * @returns false where there is none; one that a broken-off deletion left behind counts
 */
export async function markDeleted(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'UPDATE integrations SET deleted_at = coalesce(deleted_at, now()) WHERE id = $1::text',
    [id],
  );
  return rowCount === 1;
}

/** With what is known of bodies. Small, so that no statement runs into its time limit. @returns how many are gone by this */
export async function deleteSomeDeliveries(
  db: Queryable,
  integrationIds: readonly string[],
): Promise<number> {
  const { rowCount } = await db.query(
    `WITH bodies AS (
       DELETE FROM same_bodies WHERE (integration_id, hash) IN (
         SELECT integration_id, hash FROM same_bodies WHERE integration_id = ANY ($1::text[]) LIMIT 1000)
       RETURNING 1
     ), gone AS (
       DELETE FROM deliveries WHERE id IN (
         SELECT id FROM deliveries WHERE integration_id = ANY ($1::text[]) LIMIT 1000)
       RETURNING 1
     )
     SELECT FROM bodies UNION ALL SELECT FROM gone`,
    [integrationIds],
  );
  return rowCount ?? 0;
}

/**
 * The rows, what hangs on them, and the credentials that nobody else uses.
 * @returns those credentials
 */
export async function deleteIntegrationRows(
  client: PoolClient,
  ids: readonly string[],
): Promise<DeletedCredential[]> {
  // Locked in a statement of its own: an integration that is just being made with one of them is then
  // seen by the next statement.
  const { rows: linked } = await client.query<{ id: string }>(
    `SELECT id FROM credentials WHERE id IN (
       SELECT credential_id FROM integration_credentials WHERE integration_id = ANY ($1::text[]))
     ORDER BY id FOR UPDATE`,
    [ids],
  );
  // In the order of their ids: somebody else may be asked for the same at the same time.
  await client.query(
    `DELETE FROM integrations WHERE id IN (
       SELECT id FROM integrations WHERE id = ANY ($1::text[]) ORDER BY id FOR UPDATE)`,
    [ids],
  );
  const { rows } = await client.query<DeletedCredential>(
    `DELETE FROM credentials k WHERE k.id = ANY ($1::text[]) AND NOT EXISTS (
       SELECT FROM integration_credentials l WHERE l.credential_id = k.id)
     RETURNING k.id, k.user_id AS "userId", k.provider, k.account_id AS "accountId", k.parameters,
               k.version, k.presenting_until AS "presentingUntil", k.access_token AS "accessToken",
               k.refresh_token AS "refreshToken"`,
    [linked.map((credential) => credential.id)],
  );
  return rows;
}
