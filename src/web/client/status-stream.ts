import { type FollowOptions, follow, type Follower } from './follow-status.js';
import { watchPage } from './status-visibility.js';

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

type Listener = Pick<FollowOptions, 'onStatus' | 'onUnknown' | 'onTokenExpired' | 'token'>;

interface Shared {
  listeners: Set<Listener>;
  follower: Follower;
  /** What everyone was told last, for who comes later. */
  replay: ((listener: Listener) => void) | undefined;
  close: () => void;
}

const all = new Map<string, Shared>();

/** One connection for whoever on this page follows the same person: a browser has six for all of a gateway's pages. */
function followTogether(options: FollowOptions): { retry: () => void; stop: () => void } {
  const listener: Listener = { ...options };
  const key = JSON.stringify([options.baseUrl, options.userId, options.token === undefined]);
  const known = all.get(key);
  const shared = known ?? open(options, listener);
  all.set(key, shared);
  if (known !== undefined) {
    shared.listeners.add(listener);
    shared.replay?.(listener);
  }
  return {
    retry: () => shared.follower.retry(),
    stop: () => {
      if (!shared.listeners.delete(listener) || shared.listeners.size > 0) return;
      all.delete(key);
      shared.close();
    },
  };
}

function open({ baseUrl, userId, token }: FollowOptions, first: Listener): Shared {
  const listeners = new Set([first]);
  let replay: Shared['replay'];
  const tell = (how: (listener: Listener) => void) => {
    replay = how;
    for (const listener of [...listeners]) how(listener);
  };
  /** The newest that anyone has: whoever brought it did so because an older one was over. */
  const newestToken = () =>
    [...listeners].reduce<string | null>((found, each) => each.token?.() ?? found, null);
  const follower = follow({
    baseUrl,
    userId,
    ...(token === undefined ? {} : { token: newestToken }),
    onStatus: (status) => tell((listener) => listener.onStatus(status)),
    onUnknown: (why) => tell((listener) => listener.onUnknown(why)),
    onTokenExpired: () => {
      for (const listener of [...listeners]) listener.onTokenExpired();
    },
  });
  const unwatch = watchPage(follower);
  return {
    listeners,
    follower,
    get replay() {
      return replay;
    },
    close: () => {
      unwatch();
      follower.stop();
    },
  };
}
