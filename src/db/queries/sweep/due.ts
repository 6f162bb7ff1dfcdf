import type { Queryable } from '../../pool';
import { owedInboxes } from './due-inboxes';
import * as sql from './due-sql';

export const owedKinds = [
  'inbox',
  'status',
  'credential',
  'notices',
  'revocation',
  'replay',
] as const;
export type OwedKind = (typeof owedKinds)[number];

/** Whom the sweep rings, and why. */
export interface Owed {
  kind: OwedKind;
  /** An integration's id, a credential's, a replay's, or a stream of notices. */
  id: string;
  /** The credential's version; 0 for the others. */
  version: number;
}

export interface OwedQuery {
  /** Everybody of that kind, owed or not. */
  all: boolean;
  /** The providers that declare a probe; default: none. */
  probed?: readonly string[];
  /** What the page before ended with, or ''. */
  after: string;
  limit: number;
}

export interface OwedPage {
  owed: Owed[];
  /** What the next page begins behind; null at the end. A page without anybody may have another behind it. */
  after: string | null;
}

/** One page of what is owed of a kind, by id. */
export async function owedPage(
  db: Queryable,
  kind: OwedKind,
  { all, probed = [], after, limit }: OwedQuery,
): Promise<OwedPage> {
  if (kind === 'inbox') {
    const page = await owedInboxes(db, { after, limit });
    return { owed: page.ids.map((id) => ({ kind, id, version: 0 })), after: page.after };
  }
  const text = {
    status: all ? sql.allIntegrationsSql : sql.statusSql,
    credential: all ? sql.allCredentialsSql : sql.credentialSql,
    notices: sql.noticesSql,
    revocation: sql.revocationSql,
    replay: all ? sql.openReplaySql : sql.owedReplaySql,
  }[kind];
  const values = text === sql.credentialSql ? [after, limit, probed] : [after, limit];
  const { rows } = await db.query<{ id: string; version: number }>(text, values);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return { owed: rows.map((row) => ({ kind, ...row })), after: last?.id ?? null };
}
