import type { Queryable } from '../../pool';
import { dueInboxes } from './due-inboxes';
import * as sql from './due-sql';

export const dueKinds = [
  'inbox',
  'status',
  'credential',
  'notices',
  'revocation',
  'replay',
] as const;
export type DueKind = (typeof dueKinds)[number];

/** Whom the sweep signals, and why. */
export interface Due {
  kind: DueKind;
  /** An integration's id, a credential's, a replay's, or a stream of notices. */
  id: string;
  /** The credential's version; 0 for the others. */
  version: number;
  /** Where everybody is signalled, since their actors are gone. */
  userId?: string;
}

export interface DueQuery {
  /** Everybody of that kind, due or not. */
  all: boolean;
  /** The providers that declare a probe; default: none. */
  probed?: readonly string[];
  /** What the page before ended with, or ''. */
  after: string;
  limit: number;
}

export interface DuePage {
  due: Due[];
  /** What the next page begins behind; null at the end. A page without anybody may have another behind it. */
  after: string | null;
}

/** One page of what is due of a kind, by id. */
export async function duePage(
  db: Queryable,
  kind: DueKind,
  { all, probed = [], after, limit }: DueQuery,
): Promise<DuePage> {
  if (kind === 'inbox') {
    const page = await dueInboxes(db, { after, limit });
    return { due: page.ids.map((id) => ({ kind, id, version: 0 })), after: page.after };
  }
  const text = {
    status: all ? sql.allIntegrationsSql : sql.statusSql,
    credential: all ? sql.allCredentialsSql : sql.credentialSql,
    notices: sql.noticesSql,
    revocation: sql.revocationSql,
    replay: all ? sql.openReplaySql : sql.dueReplaySql,
  }[kind];
  const values = text === sql.credentialSql ? [after, limit, probed] : [after, limit];
  const { rows } = await db.query<Omit<Due, 'kind'>>(text, values);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return { due: rows.map((row) => ({ kind, ...row })), after: last?.id ?? null };
}
