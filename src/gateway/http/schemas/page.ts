import { type Static, type TObject, Type } from 'typebox';
import { HoldfastError } from '../../../lib/errors';
import type { PageKey, PageRequest } from '../../../db/pagination';

const defaultLimit = 50;
const maxLimit = 200;
const limitWords = `a whole number from 1 to ${maxLimit}`;

/** Query parameters are text: nothing is coerced. */
export const pageProperties = {
  limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,3}$', description: limitWords })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
};

/** What a list's ids look like: a cursor of another list must not reach Postgres. */
const idPatterns = { id: /^[a-z]{3}_[A-Za-z0-9]{1,60}$/, number: /^[0-9]{1,15}$/ };

/** @throws HoldfastError `invalid_request` */
export function toPageRequest(
  { limit, cursor }: Static<TObject<typeof pageProperties>>,
  ids: keyof typeof idPatterns = 'id',
): PageRequest {
  const count = limit === undefined ? defaultLimit : Number(limit);
  if (count < 1 || count > maxLimit) {
    throw new HoldfastError('invalid_request', `query.limit: must be ${limitWords}.`);
  }
  return {
    limit: count,
    after: cursor === undefined ? null : parseCursor(cursor, idPatterns[ids]),
  };
}

function parseCursor(cursor: string, idPattern: RegExp): PageKey {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [, micros, id] = /^([0-9]{1,16}):(.*)$/.exec(text) ?? [];
  if (micros === undefined || id === undefined || !isTime(micros) || !idPattern.test(id)) {
    throw new HoldfastError(
      'invalid_request',
      'query.cursor: must be a nextCursor of the same list.',
    );
  }
  return { atMicros: micros, id };
}

/** Up to the year 2255, which has to be enough: what is exact in a double. */
const isTime = (micros: string) => Number.isSafeInteger(Number(micros));

/** What a list answers; the cursor stands for the last item that is shown. */
export function toPage<Row extends PageKey, Item>(
  rows: readonly Row[],
  { limit }: PageRequest,
  show: (row: Row) => Item,
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  const key = more ? Buffer.from(`${last.atMicros}:${last.id}`).toString('base64url') : null;
  return { items: shown.map(show), nextCursor: key };
}
