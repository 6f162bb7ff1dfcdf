import type { BannerState } from './banner-model.js';
import type { BannerSettings } from './banner-settings.js';
import { reconnectDelay } from './status-backoff.js';
import { followStatus } from './status-stream.js';

interface Listener {
  state: (state: BannerState) => void;
  /** A token is needed, or another one. */
  tokenNeeded: () => void;
}

/** What a banner does, without its looks. */
export interface BannerControl {
  /** @param settings null where there are none to follow; says nothing then */
  configure: (settings: BannerSettings | null, token: string | null) => void;
  /** Both return what went wrong, as a sentence; '' for nothing. */
  retry: () => Promise<string>;
  resume: () => Promise<string>;
}

/** A page is given that long to bring a token before it is said that nothing is known. In ms. */
const tokenGraceMs = 3_000;
/** A refusal within that time of another one is of a token that never was any good. In ms. */
const refusalsCountMs = 60_000;

export function createBannerControl({ state, tokenNeeded }: Listener): BannerControl {
  let settings: BannerSettings | null = null;
  let token: string | null = null;
  let following: ReturnType<typeof followStatus> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let refusals = 0;
  let refusedAt = -Infinity;

  /** A page that brings one bad token after the other is asked less and less often. */
  const refused = () => {
    const now = Date.now();
    refusals = now - refusedAt > refusalsCountMs ? 0 : refusals + 1;
    refusedAt = now;
    clearTimeout(timer);
    if (refusals === 0) tokenNeeded();
    else timer = setTimeout(tokenNeeded, reconnectDelay(refusals, null, 1));
  };
  const stop = () => {
    clearTimeout(timer);
    following?.stop();
    following = null;
  };
  const start = (of: BannerSettings) => {
    if (token === null && new URL(of.baseUrl).origin !== location.origin) {
      // The cookie doesn't cross sites.
      timer = setTimeout(() => state({ kind: 'unknown', why: 'refused' }), tokenGraceMs);
      tokenNeeded();
      return;
    }
    following = followStatus({
      ...of,
      ...(token === null ? {} : { token: () => token }),
      onStatus: (status) => state({ kind: 'known', status }),
      onUnknown: (why) => state({ kind: 'unknown', why }),
      onTokenExpired: refused,
    });
  };

  return {
    configure: (nextSettings, nextToken) => {
      const isSamePerson =
        settings?.baseUrl === nextSettings?.baseUrl && settings?.userId === nextSettings?.userId;
      const hadToken = token !== null;
      if (isSamePerson && token === nextToken) return;
      settings = nextSettings;
      token = nextToken;
      if (isSamePerson && following !== null && hadToken && token !== null) {
        clearTimeout(timer);
        following.retry();
        return;
      }
      stop();
      // Another person's state must not stand for a moment.
      if (!isSamePerson) state({ kind: 'waiting' });
      if (settings !== null) start(settings);
    },
    retry: async () => {
      if (following === null) tokenNeeded();
      else following.retry();
      // An answer takes the box away; until then the button shows that it was heard.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return '';
    },
    resume: async () => {
      if (settings === null) return '';
      const status = await endPause(settings, token);
      if (status === 401) tokenNeeded();
      if (status !== 200) return 'That did not work. Try again in a moment.';
      // Where there is no stream, it would take longer than a person likes to wait.
      following?.retry();
      return '';
    },
  };
}

/** Ends the person's own pause. Never throws. @returns the answer's HTTP status, 0 where there was none */
async function endPause(
  { baseUrl, userId }: BannerSettings,
  token: string | null,
): Promise<number> {
  try {
    const response = await fetch(`${baseUrl}/api/users/${encodeURIComponent(userId)}/pause`, {
      method: 'PUT',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      credentials: token === null ? 'same-origin' : 'omit',
      redirect: 'error',
      body: '{"paused":false}',
      signal: AbortSignal.timeout(15_000),
    });
    return response.status;
  } catch {
    return 0;
  }
}
