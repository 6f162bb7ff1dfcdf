import { isTokenRejected } from '../oauth/is-token-rejected';

/** A token rejection is short; what is longer is an answer. */
const limitBytes = 64 * 1024;

/**
 * Whether an answer of the provider's API refuses the access token. Its body stays to be read.
 *
 * @param refusedErrors the declaration's; without them only the status counts
 */
export async function isTokenRejection(
  answer: Response,
  refusedErrors: readonly (string | number)[] = [],
): Promise<boolean> {
  const isJson = /\bjson\b/i.test(answer.headers.get('content-type') ?? '');
  const declared = { refusedErrors: [...refusedErrors] };
  if (answer.status === 401 || refusedErrors.length === 0 || !isJson) {
    return isTokenRejected(declared, answer.status, '');
  }
  return isTokenRejected(declared, answer.status, await beginning(answer.clone()));
}

/** @returns the whole body, or nothing where it is too long or breaks off */
async function beginning(answer: Response): Promise<string> {
  const reader = answer.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const read = await reader?.read();
      if (read?.value === undefined) return Buffer.concat(chunks).toString('utf8');
      bytes += read.value.length;
      chunks.push(read.value);
      if (bytes > limitBytes) break;
    }
  } catch {
    return '';
  }
  // Not waited for: the cancelling of a copy ends only with the original.
  reader?.cancel().catch(() => undefined);
  return '';
}
