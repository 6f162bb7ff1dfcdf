import { type Static, Type } from 'typebox';
import { type ReplayChoice, replayableStates } from '../../../db/queries/replays/insert';
import { oneOf } from '../../http/schemas/text';
import { timeText, toRange } from './time';

const time = Type.Optional(timeText);

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
  const hasRange = from !== undefined || to !== undefined;
  return {
    deliveryId: null,
    state: state ?? (hasRange ? null : 'failed'),
    ...toRange('body', from, to),
  };
}
