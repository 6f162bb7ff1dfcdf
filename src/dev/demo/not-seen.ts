/** A step of the story that did not happen: what was awaited, and what was there instead. */
export class NotSeenError extends Error {
  override readonly name = 'NotSeenError';

  constructor(awaited: string, instead: string, options?: ErrorOptions) {
    super(`not seen: ${awaited}\n  instead: ${instead}`, options);
  }
}
