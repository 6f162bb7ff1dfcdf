import type { Readable } from 'node:stream';
import { errorCodes } from 'fastify';
import { HoldfastError } from '../../lib/errors';
import { type BodyShare, overheadBytes } from './body-memory';
import type { SlowBodies } from './slow-bodies';

/** Most webhooks' bodies are no larger. */
const usualBytes = 2 * 1024;
const retryAfterSeconds = 5;

type Done = (error: Error | null, body?: Buffer) => void;

export interface BodyLimits {
  /** What anybody may send. */
  limitBytes: number;
  /** What this sender may send to this target: as much, or more. */
  mostBytes: number;
  /** `Content-Length`, as the sender has it; undefined where the body comes in chunks. */
  claimedBytes: number | undefined;
  share: BodyShare;
  slowBodies: SlowBodies;
}

/**
 * Reads a body into one buffer. A list of what came would take a hundred times as much memory as the bytes
 * where they come one at a time. What is too much, or too slow, is refused at once; the rest of it goes nowhere.
 */
export function readBody(stream: Readable, limits: BodyLimits, done: Done): void {
  const { limitBytes, mostBytes, claimedBytes, share } = limits;
  let buffer = Buffer.alloc(0);
  let length = 0;
  // As much as any connection takes is asked for with it: most bodies need no more.
  let granted = Math.min(limitBytes, usualBytes);

  /** A large one all at once, where its length is known: growing would copy it again and again. */
  function capacityFor(bytes: number): number {
    const doubled = Math.max(bytes, buffer.length * 2);
    if (bytes <= limitBytes) return Math.min(limitBytes, doubled);
    return Math.min(mostBytes, Math.max(bytes, claimedBytes ?? doubled));
  }

  function grow(bytes: number): boolean {
    const capacity = capacityFor(bytes);
    if (capacity > granted && !share.grow(overheadBytes + capacity)) return false;
    granted = Math.max(granted, capacity);
    const larger = Buffer.allocUnsafe(capacity);
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
    return true;
  }

  function onData(chunk: Buffer): void {
    const next = length + chunk.length;
    if (next > mostBytes) stop(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
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
    unwatch();
    stream.off('data', onData).off('end', onEnd).off('error', onError);
    buffer = Buffer.alloc(0);
    done(error, body);
  }

  if (claimedBytes !== undefined && claimedBytes > mostBytes) {
    done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
    return;
  }
  // Before a byte of it has come: a connection that sends none costs as much. No more for what is only announced: a
  // place among the large ones would be held by a few bytes.
  if (!share.grow(overheadBytes + granted)) {
    done(overloaded());
    return;
  }
  const unwatch = limits.slowBodies.watch({
    receivedBytes: () => length,
    claimedBytes,
    tooSlow: () => stop(tooSlow()),
  });
  stream.on('data', onData).on('end', onEnd).on('error', onError);
}

const overloaded = () =>
  new HoldfastError('overloaded', 'The gateway holds as many requests as it can. Send it later.', {
    retryAfterSeconds,
  });

const tooSlow = () =>
  new HoldfastError('request_timeout', 'The request came too slowly, and was not waited for.');
