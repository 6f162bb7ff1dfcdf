/** A webhook as it came over the wire. */
export interface WebhookRequest {
  method: string;
  /** The whole address that the sender called, as it is known to the sender: some sign it. */
  url: string;
  /** Name, value, name, value, … as Node's `rawHeaders` has them: nothing merged, nothing dropped. */
  rawHeaders: readonly string[];
  /** The bytes as received; signatures are over these, never over parsed or re-encoded ones. */
  body: Buffer;
  /** When it was received, milliseconds since 1970. */
  nowMs: number;
}

/**
 * The value of a header that must stand there once.
 * @returns undefined where it is missing, empty, or there twice: two readers could then disagree
 *   on which of them was signed
 */
export function soleHeader(request: WebhookRequest, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const { rawHeaders } = request;
  let found: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const header = rawHeaders[index] ?? '';
    // Lower case is never shorter or longer in a header's name (RFC 9110 section 5.1), and takes time.
    if (header.length !== wanted.length || header.toLowerCase() !== wanted) continue;
    if (found !== undefined) return undefined;
    found = rawHeaders[index + 1];
  }
  return found === '' ? undefined : found;
}
