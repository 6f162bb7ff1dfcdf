/** Where a row stands in a list that is newest first: its time in microseconds, then its id. */
export interface PageKey {
  /** Unix time in microseconds as digits: a Date would lose the last three, and with them rows. */
  atMicros: string;
  id: string;
}

export interface PageRequest {
  /** A list reads one row more, to know whether there is another page. */
  limit: number;
  after: PageKey | null;
}

/** SQL: the `PageKey` of a row. */
export function pageKeySql(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000000)::bigint::text AS "atMicros"`;
}

/** SQL: the time that a `PageKey` in the named parameter stands for. */
export function pageTimeSql(parameter: string): string {
  return `timestamptz 'epoch' + ${parameter}::bigint * interval '1 microsecond'`;
}
