import { type Static, Type } from 'typebox';
import { type ReplayChoice, replayableStates } from '../../../db/queries/replays/insert';
import { HoldfastError } from '../../../lib/errors';
import { oneOf } from '../../http/schemas/text';

const time = Type.Optional(Type.String({ format: 'date-time', maxLength: 40 }));

export const replayBody = Type.Object(
  { state: Type.Optional(oneOf(replayableStates)), from: time, to: time },
  { additionalProperties: false },
);

/**
 * Dead letters, unless a state or a range is named.
 * @throws HoldfastError `invalid_request` where the range is none
 */
export function toReplayChoice(body: Static<typeof replayBody> | null | undefined): ReplayChoice {
  const { state, from, to } = body ?? {};
  const range = { from: toMicros('from', from), to: toMicros('to', to) };
  if (range.from !== null && range.to !== null && range.from >= range.to) {
    throw new HoldfastError('invalid_request', 'body.from: must be before body.to.');
  }
  const hasRange = from !== undefined || to !== undefined;
  return {
    deliveryId: null,
    state: state ?? (hasRange ? null : 'failed'),
    fromMicros: range.from?.toString() ?? null,
    toMicros: range.to?.toString() ?? null,
  };
}

/**
 * RFC 3339 to Unix microseconds, which is as fine as Postgres is.
 * The format lets through leap seconds, which have no `Date`, and years before Postgres's calendar.
 */
function toMicros(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const date = new Date(text);
  const year = date.getUTCFullYear();
  if (!(year >= 1970 && year <= 9999)) {
    throw new HoldfastError(
      'invalid_request',
      `body.${name}: must be an RFC 3339 time after 1970.`,
    );
  }
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  return date.getTime() * 1000 + Number(fraction.padEnd(6, '0').slice(3, 6));
}
