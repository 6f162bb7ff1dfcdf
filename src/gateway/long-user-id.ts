import { HoldfastError } from '../lib/errors';

/**
 * The router refuses a part of a path that is longer than any id (414) before a route sees it. In a person's API
 * that part is the user's id, and a malformed one is 400 there.
 *
 * @returns the error itself where it is another one
 */
export function asMalformedUserId(error: unknown, url: string): unknown {
  const isTooLong = error instanceof Error && 'statusCode' in error && error.statusCode === 414;
  if (!isTooLong || !url.startsWith('/api/')) return error;
  return new HoldfastError('invalid_request', "This can not be a user's id: it is too long.");
}
