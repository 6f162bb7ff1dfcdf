import { Type } from 'typebox';
import { HoldfastError } from '../../../lib/errors';

/** RFC 3339. */
export const timeText = Type.String({ format: 'date-time', maxLength: 40 });

/**
 * RFC 3339 to Unix microseconds, which is as fine as Postgres is.
 * The format lets through leap seconds, which have no `Date`, and years before Postgres's calendar.
 * @param name with its place: `body.from`
 * @throws HoldfastError `invalid_request`
 */
export function toMicros(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const date = new Date(text);
  const year = date.getUTCFullYear();
  if (!(year >= 1970 && year <= 9999)) {
    throw new HoldfastError('invalid_request', `${name}: must be an RFC 3339 time after 1970.`);
  }
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  return date.getTime() * 1000 + Number(fraction.padEnd(6, '0').slice(3, 6));
}

/**
 * A range of which `from` is a part and `to` isn't; null where there is no bound.
 * @throws HoldfastError `invalid_request`
 */
export function toRange(place: 'body' | 'querystring', from?: string, to?: string) {
  const range = { from: toMicros(`${place}.from`, from), to: toMicros(`${place}.to`, to) };
  if (range.from !== null && range.to !== null && range.from >= range.to) {
    throw new HoldfastError('invalid_request', `${place}.from: must be before ${place}.to.`);
  }
  return { fromMicros: range.from?.toString() ?? null, toMicros: range.to?.toString() ?? null };
}
