export interface Request {
  method: string;
  path: string;
  /** Undefined where nothing is sent. */
  body: Readonly<Record<string, unknown>> | undefined;
}

/** `refused` has a sentence for the person. */
export type Outcome = { kind: 'done' } | { kind: 'signed-out' } | { kind: 'refused'; why: string };

const answerMs = 90_000;

/** Asks the person's API for a change; the cookie says who asks. */
export async function askFor({ method, path, body }: Request): Promise<Outcome> {
  try {
    const response = await fetch(path, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerMs),
    });
    if (response.ok) return { kind: 'done' };
    if (response.status === 401) return { kind: 'signed-out' };
    return { kind: 'refused', why: messageIn(await response.text()) };
  } catch {
    return {
      kind: 'refused',
      why: 'There was no answer, so it may or may not have been done. Look at the page, then try again.',
    };
  }
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The sentence of `{ error: { message } }`. */
function messageIn(text: string): string {
  try {
    const answer: unknown = JSON.parse(text);
    const error = isFields(answer) ? answer['error'] : undefined;
    const message = isFields(error) ? error['message'] : undefined;
    if (typeof message === 'string' && message !== '') return message;
  } catch {
    // A proxy's page.
  }
  return 'That did not work. Try again in a moment.';
}
