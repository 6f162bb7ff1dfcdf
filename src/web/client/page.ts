import './banner.js';
import { oneAtATime } from './one-at-a-time.js';
import { startActions } from './page-actions.js';
import { refreshPage } from './page-refresh.js';
import { createSayer } from './page-words.js';
import { createRenewal } from './renewal.js';
import { followStatus } from './status-stream.js';
import { startSearch } from './page-search.js';
import { tellTimes } from './page-times.js';

const lookEveryMs = 30_000;
const againMs = 5_000;

/** Brings the connections page to life: it follows the person's status, and shows itself anew at each change. */
function start(main: HTMLElement, userId: string, baseUrl: string): void {
  const say = createSayer();
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** It can't be asked how things are: what stands here is no longer said to be so. */
  let isUnknown = false;

  const search = startSearch(main);
  const show = oneAtATime(async () => {
    clearTimeout(timer);
    const refreshed = await refreshPage(main);
    if (refreshed === 'signed-out') {
      follower.stop();
      renewal.stop();
      clearInterval(clock);
      return;
    }
    // Somebody else has signed in in another tab: what follows the first one must not go on.
    if (refreshed === 'another-person') location.reload();
    const isRead = refreshed === 'shown';
    if (isRead) search();
    main.classList.toggle('unknown', !isRead || isUnknown);
    if (!isRead) timer = setTimeout(() => void show(), againMs);
  });

  const follower = followStatus({
    baseUrl,
    userId,
    onStatus: (status) => {
      isUnknown = false;
      main.classList.remove('unheard');
      renewal.changed(status);
    },
    onUnknown: () => {
      isUnknown = true;
      // The banner says so by itself then.
      main.classList.add('unknown', 'unheard');
    },
    onTokenExpired: () => void show(),
  });
  const renewal = createRenewal(() => void show());
  const clock = setInterval(() => {
    // Not all that stands here is part of the status: what happens to updates, for one.
    if (document.visibilityState === 'visible') void show();
    else tellTimes(main);
  }, lookEveryMs);
  // An open dialog was left as it was.
  main.addEventListener('close', () => void show(), true);

  // The letter under it is shown instead.
  main.addEventListener('error', ({ target }) => hidePicture(target), true);
  for (const picture of main.querySelectorAll('img')) {
    if (picture.complete && picture.naturalWidth === 0) hidePicture(picture);
  }
  tellTimes(main);
  startActions(main, { say, refresh: show });
  main.addEventListener('click', ({ target }) => {
    if (!(target instanceof Element) || target.closest('#again') === null) return;
    follower.retry();
    void show();
  });
}

function hidePicture(target: EventTarget | null): void {
  if (target instanceof HTMLImageElement && target.closest('.tile') !== null) target.hidden = true;
}

const main = document.querySelector('main');
const { user, base } = document.querySelector<HTMLElement>('[data-user]')?.dataset ?? {};
if (main !== null && user !== undefined && base !== undefined) start(main, user, base);
