import { element } from './banner-elements.js';
import { webAddress } from './banner-model.js';
import type { BannerSettings } from './banner-settings.js';

/** What came of asking for a link; `refused` may be otherwise with another token. */
export type Traded =
  { kind: 'link'; href: string } | { kind: 'refused' } | { kind: 'failed'; why: string };

/** Longer ones the gateway refuses. */
const longestReturn = 2_048;
const answerMs = 15_000;
/** By then a browser has begun to leave, or doesn't do it. */
const beginMs = 3_000;

const later = 'That did not work. Try again in a moment.';
const gone = 'This connection is not there any more. Load this page anew.';

/**
 * Trades the token for a link that works once, in the browser that follows it: no cookie of the gateway's is in this page.
 * It leads back to here. Never throws.
 */
export async function tradeForLink(
  { baseUrl, userId }: BannerSettings,
  token: string,
  connection: string,
): Promise<Traded> {
  const path = `/api/users/${encodeURIComponent(userId)}/connectors/${encodeURIComponent(connection)}/link`;
  const ask = (body: object) =>
    fetch(baseUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      credentials: 'omit',
      redirect: 'error',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerMs),
    });
  try {
    const returnTo = pageAddress();
    let response = await ask(returnTo === null ? {} : { returnTo });
    // Not one of HOLDFAST_ALLOWED_ORIGINS, as a frame's page may be: better without a way back than not at all.
    if (response.status === 400 && returnTo !== null) response = await ask({});
    if (response.status === 401) return { kind: 'refused' };
    if (response.status === 404) return { kind: 'failed', why: gone };
    const href = response.ok ? urlIn(await response.json()) : null;
    return href === null ? { kind: 'failed', why: later } : { kind: 'link', href };
  } catch {
    return { kind: 'failed', why: later };
  }
}

function urlIn(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null || !('url' in answer)) return null;
  return typeof answer.url === 'string' ? webAddress(answer.url) : null;
}

/** Of the page as a whole where this is a frame of its own site, else of the frame; null for what nobody can come back to. */
function pageAddress(): string | null {
  const address = webAddress(wholePage() ?? location.href);
  return address === null || address.length > longestReturn ? null : address;
}

function wholePage(): string | undefined {
  try {
    return window.top?.location.href;
  } catch {
    // Another site's.
    return undefined;
  }
}

export const isFramed = (): boolean => window.top !== window;

/**
 * Leads this tab to a link and signs in by it, without another click: the gateway takes a form of the page that asked for
 * it. Not out of a frame: nothing would say that a sandbox forbids it.
 * @returns `forbidden` by a policy of the page, and the link is as good as before; `unclear` where the browser stays and
 * doesn't say why, and the link may be used up
 */
export async function submitTo(address: string): Promise<'gone' | 'forbidden' | 'unclear'> {
  // Named: a `base` of the page may lead forms to other windows.
  const form = element('form', { method: 'post', action: address, target: '_self', hidden: '' });
  const over = new AbortController();
  const outcome = await new Promise<'gone' | 'forbidden' | 'unclear'>((resolve) => {
    const untilThen = { signal: over.signal };
    const late = setTimeout(() => resolve('unclear'), beginMs);
    for (const leaving of ['beforeunload', 'pagehide']) {
      window.addEventListener(
        leaving,
        () => {
          clearTimeout(late);
          void whileLeaving().then(() => resolve('gone'));
        },
        untilThen,
      );
    }
    // Chromium begins to leave before it asks the policy.
    window.addEventListener(
      'securitypolicyviolation',
      ({ effectiveDirective, disposition }) => {
        if (effectiveDirective === 'form-action' && disposition === 'enforce') resolve('forbidden');
      },
      untilThen,
    );
    document.body.append(form);
    form.submit();
  });
  over.abort();
  form.remove();
  return outcome;
}

/**
 * Leads the whole tab there: neither the link's page nor a provider's can be framed, and a new window might be blocked.
 * @returns whether it may; a sandbox can forbid it
 */
export function leaveFor(address: string): boolean {
  try {
    (window.top ?? window).location.href = address;
    return true;
  } catch {
    return false;
  }
}

/** For as long as a page takes to go; a page that comes back from the cache is here again. */
export function whileLeaving(): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const timer = setTimeout(end, answerMs);
    function end() {
      clearTimeout(timer);
      over.abort();
      resolve();
    }
    window.addEventListener('pageshow', end, { signal: over.signal });
  });
}
