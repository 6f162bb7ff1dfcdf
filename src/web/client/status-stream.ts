import { type FollowOptions, follow } from './follow-status.js';
import { watchPage } from './page-wakes.js';

export type { PersonStatus } from './person-status.js';

/**
 * Follows what the gateway knows of a person: by a stream, or by asking every 5 s where a proxy holds streams back. What
 * it tells is current: once the gateway can't be heard, it says after 3 s that the status is unknown, and goes on trying.
 *
 * A page that is hidden for half a minute lets go of its connection, and asks anew as soon as it is shown.
 */
export function followStatus(options: FollowOptions): { retry(): void; stop(): void } {
  const follower = follow(options);
  const unwatch = watchPage(follower);
  return {
    retry: follower.retry,
    stop: () => {
      unwatch();
      follower.stop();
    },
  };
}
