import type { CredentialState, IntegrationStatus } from '../../../../workflows/contract/status';
import type { Queryable } from '../../pool';

/** What lists of actors show follows from these. */
export interface IntegrationRow {
  id: string;
  userId: string;
  name: string;
  provider: string;
  status: IntegrationStatus;
  reason: string | null;
}

export interface CredentialActorRow {
  id: string;
  userId: string;
  provider: string;
  version: number;
  state: CredentialState;
}

export interface ActorPage {
  /** What the page before ended with, or ''. */
  after: string;
  limit: number;
}

/** Every integration, whatever its status, by id. */
export async function integrationPage(
  db: Queryable,
  { after, limit }: ActorPage,
): Promise<IntegrationRow[]> {
  const { rows } = await db.query<IntegrationRow>(
    `SELECT id, user_id AS "userId", name, provider, status, reason_code AS reason FROM integrations
     WHERE deleted_at IS NULL AND id > $1::text ORDER BY id LIMIT $2::int`,
    [after, limit],
  );
  return rows;
}

/** Every credential, by id. */
export async function credentialPage(
  db: Queryable,
  { after, limit }: ActorPage,
): Promise<CredentialActorRow[]> {
  const { rows } = await db.query<CredentialActorRow>(
    `SELECT id, user_id AS "userId", provider, version, state FROM credentials
     WHERE id > $1::text ORDER BY id LIMIT $2::int`,
    [after, limit],
  );
  return rows;
}

/**
 * Whether a row of this database is, or was until lately, that of one of these actors.
 * @param workflowIds `integration:<id>`, `credential:<id>`
 */
export async function areAnyOurs(db: Queryable, workflowIds: readonly string[]): Promise<boolean> {
  const ids = workflowIds.map((workflowId) => workflowId.slice(workflowId.indexOf(':') + 1));
  const { rows } = await db.query<{ ours: boolean }>(
    `SELECT EXISTS (SELECT FROM integrations WHERE id = ANY ($1::text[]))
         OR EXISTS (SELECT FROM credentials WHERE id = ANY ($1::text[]))
         OR EXISTS (SELECT FROM deleted_actors WHERE workflow_id = ANY ($2::text[])) AS ours`,
    [ids, workflowIds],
  );
  return rows[0]?.ours === true;
}
