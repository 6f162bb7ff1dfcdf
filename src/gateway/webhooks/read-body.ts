import type { Readable } from 'node:stream';
import { errorCodes } from 'fastify';
import { HoldfastError } from '../../lib/errors';
import type { BodyShare } from './body-memory';

/** What a request takes beside its body. */
const overheadBytes = 8 * 1024;
const retryAfterSeconds = 5;

type Done = (error: Error | null, body?: Buffer) => void;

export interface BodyLimits {
  limitBytes: number;
  /** `Content-Length`, as the sender has it. */
  claimedBytes: number;
  share: BodyShare;
}

/**
 * Reads a body into one buffer. A list of what came would take a hundred times as much memory as the bytes
 * where they come one at a time. What is too much is refused at once; the rest of it goes nowhere.
 */
export function readBody(stream: Readable, limits: BodyLimits, done: Done): void {
  const { limitBytes, claimedBytes, share } = limits;
  let buffer = Buffer.alloc(0);
  let length = 0;

  function grow(bytes: number): boolean {
    const capacity = Math.min(limitBytes, Math.max(bytes, buffer.length * 2));
    if (!share.grow(overheadBytes + capacity)) return false;
    const larger = Buffer.allocUnsafe(capacity);
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
    return true;
  }

  function onData(chunk: Buffer): void {
    const next = length + chunk.length;
    if (next > limitBytes) stop(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
    else if (next > buffer.length && !grow(next)) stop(overloaded());
    else length += chunk.copy(buffer, length);
  }

  function onEnd(): void {
    stop(null, buffer.subarray(0, length));
  }

  function onError(error: Error): void {
    stop(Object.assign(error, { statusCode: 400 }));
  }

  function stop(error: Error | null, body?: Buffer): void {
    stream.off('data', onData).off('end', onEnd).off('error', onError);
    buffer = Buffer.alloc(0);
    done(error, body);
  }

  if (claimedBytes > limitBytes) done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
  else stream.on('data', onData).on('end', onEnd).on('error', onError);
}

const overloaded = () =>
  new HoldfastError('overloaded', 'The gateway holds as many requests as it can. Send it later.', {
    retryAfterSeconds,
  });
