/** As much as fits into a socket's buffer at once: what waits in a buffer leaves without a check. */
const chunkBytes = 16 * 1024;

/** The lease is over, or whatever else `beforeSend` found: nothing was to be sent any more. */
export class CalledOffError extends Error {
  override readonly name = 'CalledOffError';
}

/**
 * A body that asks before each of its chunks leaves. undici takes the first chunk only once it
 * holds a connection, and writes the head of the request together with it; so where `beforeSend`
 * throws, no complete request is ever written, however long connecting took or the process stood
 * still.
 * @throws CalledOffError where `beforeSend` throws
 */
export function* fencedBody(body: Buffer, beforeSend: () => void): Generator<Buffer> {
  if (body.length === 0) ask(beforeSend);
  for (let start = 0; start < body.length; start += chunkBytes) {
    const chunk = body.subarray(start, start + chunkBytes);
    ask(beforeSend);
    yield chunk;
  }
}

function ask(beforeSend: () => void): void {
  try {
    beforeSend();
  } catch (cause) {
    throw new CalledOffError('Called off right before it was sent', { cause });
  }
}
