import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';

/**
 * Temporal's own converter, except that it never throws on the way in: a signal sent by hand with an
 * encoding that nobody knows would fail the workflow task again and again, before any handler saw it.
 * What can't be decoded is `undefined`, and handlers ignore it.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload<T>(payload: Payload): T {
    try {
      return defaultPayloadConverter.fromPayload(payload);
    } catch {
      return undefined as T;
    }
  },
};
