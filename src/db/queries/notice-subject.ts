import type { Queryable } from '../pool';

/** What a notice says of its integration beside the status. */
export interface NoticeSubject {
  metadata: unknown;
  /** The transition's time, by the database's clock. */
  at: Date;
}

export async function readNoticeSubject(
  db: Queryable,
  integrationId: string,
): Promise<NoticeSubject> {
  const { rows } = await db.query<NoticeSubject>(
    'SELECT metadata, status_since AS at FROM integrations WHERE id = $1::text',
    [integrationId],
  );
  return rows[0] ?? { metadata: null, at: new Date() };
}
