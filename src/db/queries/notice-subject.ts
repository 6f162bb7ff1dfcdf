import type { Queryable } from '../pool';

/** What a notice says of its integration beside the status. */
export interface NoticeSubject {
  metadata: unknown;
  /** Of the last transition, by the database's clock. */
  at: Date;
}

/**
 * Keeps the integration's row from a transition until the caller's commit: what is read of it from now on is what its
 * notice is about, and the notice's number is that of its place.
 *
 * @returns null where there is no such integration
 */
export async function readNoticeSubject(
  client: Queryable,
  integrationId: string,
): Promise<NoticeSubject | null> {
  const { rows } = await client.query<NoticeSubject>(
    `SELECT metadata, status_since AS at FROM integrations
     WHERE id = $1::text AND deleted_at IS NULL FOR KEY SHARE`,
    [integrationId],
  );
  return rows[0] ?? null;
}
