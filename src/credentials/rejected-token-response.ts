import { isTokenRejected } from '../oauth/is-token-rejected';
import { readAnswer } from '../oauth/read-answer';
import type { Pointers } from '../providers/provider';

/** A token rejection is short; what is longer is an answer. */
const limitBytes = 64 * 1024;

/** What the declaration says of rejections; without errors only the status counts. */
export interface DeclaredRejections {
  refusedErrors?: readonly (string | number)[] | undefined;
  errorPointer?: Pointers | undefined;
}

/** Whether an answer of the provider's API refuses the access token. Its body stays to be read. */
export async function isTokenRejection(
  answer: Response,
  { refusedErrors = [], errorPointer = [] }: DeclaredRejections,
): Promise<boolean> {
  const { status } = answer;
  const declared = { refusedErrors: [...refusedErrors], oauth: { errorPointer } };
  const isRead = status !== 401 && refusedErrors.length > 0 && mayName(answer);
  const body = isRead ? await beginning(answer.clone()) : '';
  return isTokenRejected(declared, readAnswer(status, body));
}

/** A refusal may be a bare text, or say nothing of its type; what isn't one is passed on without waiting for its body. */
function mayName({ status, headers }: Response): boolean {
  return (status >= 400 && status < 500) || /\bjson\b/i.test(headers.get('content-type') ?? '');
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
