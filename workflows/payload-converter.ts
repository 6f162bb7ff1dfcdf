import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the interface's own signature
function decode<T>(payload: Payload): T {
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    return undefined as T;
  }
}

/**
 * Temporal's own converter, except that it never throws on the way in: a signal sent by hand with an
 * encoding that nobody knows would fail the workflow task again and again, before any handler saw it.
 * What can't be decoded is `undefined`, and handlers ignore it.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload: decode,
};
