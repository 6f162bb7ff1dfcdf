import type { FollowOptions } from './follow-status.js';
import { followTogether } from './shared-follow.js';

/**
 * Follows what the gateway knows of a person: by a stream, or by asking every 5 s where a proxy holds streams back. What
 * it tells is current: once the gateway can't be heard, it says after 3 s that the status is unknown, and goes on trying.
 *
 * A page that is hidden for half a minute lets go of its connection, and asks anew as soon as it is shown. Followers of
 * the same person share one connection.
 *
 * @param options `baseUrl` may be relative to the page
 */
export function followStatus(options: FollowOptions): { retry: () => void; stop: () => void } {
  const { href } = new URL(options.baseUrl, document.baseURI);
  return followTogether({ ...options, baseUrl: href.replace(/\/+$/, '') });
}
