import type { Reconnected } from './banner-lines.js';
import {
  isFramed,
  leaveFor,
  submitTo,
  type Traded,
  tradeForLink,
  whileLeaving,
} from './banner-link.js';
import type { BannerLine, BannerState } from './banner-model.js';
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
  /** Leads to where that connection is reconnected. */
  reconnect: (line: BannerLine) => Promise<Reconnected>;
}

/** A page is given that long to bring a token before it is said that nothing is known. In ms. */
const tokenGraceMs = 3_000;
/** A refusal within that time of another one is of a token that never was any good. In ms. */
const refusalsCountMs = 60_000;

/** A page is given that long to bring another token while its person waits. In ms. */
const renewalMs = 10_000;

const signedOut = 'You may have been signed out. Load this page anew.';

export function createBannerControl({ state, tokenNeeded }: Listener): BannerControl {
  let settings: BannerSettings | null = null;
  let token: string | null = null;
  let following: ReturnType<typeof followStatus> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let refusals = 0;
  let refusedAt = -Infinity;
  const awaiting = new Set<() => void>();

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

  /** @returns the token that the page brings instead; null where it takes too long, or is somebody else's */
  const renewed = (): Promise<string | null> =>
    new Promise((resolve) => {
      const before = settings;
      const end = () => {
        clearTimeout(late);
        awaiting.delete(end);
        resolve(isSamePerson(before, settings) ? token : null);
      };
      const late = setTimeout(() => {
        awaiting.delete(end);
        resolve(null);
      }, renewalMs);
      awaiting.add(end);
      tokenNeeded();
    });
  /** Asks with the token that there is; where that is refused, once more with another one. */
  const asPerson = async <Answer>(
    ask: (token: string | null) => Promise<Answer>,
    isRefused: (answer: Answer) => boolean,
  ): Promise<Answer> => {
    const answer = await ask(token);
    if (!isRefused(answer) || token === null) return answer;
    const another = await renewed();
    return another === null ? answer : ask(another);
  };

  return {
    configure: (nextSettings, nextToken) => {
      const isSame = isSamePerson(settings, nextSettings);
      const hadToken = token !== null;
      if (isSame && token === nextToken) return;
      settings = nextSettings;
      token = nextToken;
      for (const come of [...awaiting]) come();
      if (isSame && following !== null && hadToken && token !== null) {
        clearTimeout(timer);
        following.retry();
        return;
      }
      stop();
      // Another person's state must not stand for a moment.
      if (!isSame) state({ kind: 'waiting' });
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
      const of = settings;
      if (of === null) return '';
      const status = await asPerson(
        (one) => endPause(of, one),
        (answer) => answer === 401,
      );
      if (status === 401) return signedOut;
      if (status !== 200) return 'That did not work. Try again in a moment.';
      // Where there is no stream, it would take longer than a person likes to wait.
      following?.retry();
      return '';
    },
    reconnect: async ({ key, reconnectUrl }) => {
      const of = settings;
      if (of === null || reconnectUrl === null) return { kind: 'left' };
      const trade = () =>
        asPerson<Traded>(
          async (one) =>
            // Holdfast's own page, whose cookie goes along.
            one === null ? { kind: 'link', href: reconnectUrl } : tradeForLink(of, one, key),
          ({ kind }) => kind === 'refused',
        );
      let traded = await trade();
      if (traded.kind === 'link' && token !== null && !isFramed()) {
        const outcome = await submitTo(traded.href);
        if (outcome === 'gone') return { kind: 'left' };
        if (outcome === 'unclear') traded = await trade();
      }
      if (traded.kind === 'refused') return { kind: 'failed', why: signedOut };
      if (traded.kind === 'failed' || !leaveFor(traded.href)) return traded;
      await whileLeaving();
      return { kind: 'left' };
    },
  };
}

const isSamePerson = (one: BannerSettings | null, other: BannerSettings | null): boolean =>
  one?.baseUrl === other?.baseUrl && one?.userId === other?.userId;

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
