import { type Static, type TObject, Type } from 'typebox';
import type { NewGrant } from '../../../db/queries/credentials/store-tokens';
import { HoldfastError } from '../../../lib/errors';
import { freeText, printableText } from '../../http/schemas/text';

/** The properties that tokens have in a body, to be spread into an object's schema. */
export const tokenProperties = {
  accessToken: printableText(16_384),
  refreshToken: Type.Optional(printableText(16_384)),
  /** RFC 3339; absent where unknown. */
  expiresAt: Type.Optional(Type.String({ format: 'date-time', maxLength: 40 })),
  scope: Type.Optional(printableText(4_096)),
  accountId: Type.Optional(freeText(256)),
};

/**
 * @param place of the tokens in the request: `body`
 * @throws HoldfastError `invalid_request` where `expiresAt` isn't a time that can be stored
 */
export function toGrant(tokens: Static<TObject<typeof tokenProperties>>, place: string): NewGrant {
  const { accessToken, refreshToken, expiresAt, scope, accountId } = tokens;
  return {
    accessToken,
    refreshToken,
    expiresAt: expiresAt === undefined ? undefined : toTime(expiresAt, `${place}.expiresAt`),
    scope,
    account: accountId === undefined ? undefined : { id: accountId },
    proven: false,
  };
}

/** The format lets through leap seconds, which have no `Date`, and years before Postgres's calendar. */
function toTime(text: string, place: string): Date {
  const time = new Date(text);
  const year = time.getUTCFullYear();
  if (year >= 1970 && year <= 9999) return time;
  throw new HoldfastError('invalid_request', `${place}: must be an RFC 3339 time after 1970.`);
}
