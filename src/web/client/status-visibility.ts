/** A hidden page lets go of its connection after that: a browser has six for all pages of a gateway. In ms. */
const hiddenMs = 30_000;

interface Watcher {
  wake: () => void;
  sleep: () => void;
  /** The network went or came: what was open over it is gone without a word. */
  retry: () => void;
}

/**
 * Says when a page begins or ceases to be looked at, and when the network goes or comes.
 * @returns ends it
 */
export function watchPage({ wake, sleep, retry }: Watcher): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const look = () => {
    clearTimeout(timer);
    if (document.visibilityState === 'hidden') timer = setTimeout(sleep, hiddenMs);
    else wake();
  };
  document.addEventListener('visibilitychange', look, { signal });
  window.addEventListener('offline', retry, { signal });
  window.addEventListener('online', retry, { signal });
  // Into the back/forward cache, which takes no page with an open connection, and out of it.
  window.addEventListener('pagehide', sleep, { signal });
  window.addEventListener('pageshow', look, { signal });
  if (document.visibilityState === 'hidden') look();
  return () => {
    clearTimeout(timer);
    ended.abort();
  };
}
