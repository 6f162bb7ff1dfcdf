import type { PersonStatus } from './person-status.js';

/** While thousands are handled the counts change every two seconds, and each renewal is a whole page. In ms. */
const countsEveryMs = 5_000;

/** What a person has to see at once: all but counts and times. */
const essence = ({ connectors, hold }: PersonStatus): string =>
  JSON.stringify([
    hold,
    Object.entries(connectors).map(
      ([name, { status, errorCode, reconnectUrl, deliveryHealth }]) => [
        ...[name, status, errorCode, reconnectUrl, deliveryHealth?.state],
      ],
    ),
  ]);

/** Shows the page anew at once where something has happened, and now and then where something is counted. */
export function createRenewal(
  show: () => void,
  everyMs = countsEveryMs,
): {
  changed: (status: PersonStatus) => void;
  stop: () => void;
} {
  let shown = '';
  let shownAt = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = () => {
    clearTimeout(timer);
    timer = undefined;
    shownAt = performance.now();
    show();
  };
  return {
    changed: (status) => {
      const before = shown;
      shown = essence(status);
      const waitMs = shownAt + everyMs - performance.now();
      if (shown !== before || waitMs <= 0) now();
      else timer ??= setTimeout(now, waitMs);
    },
    stop: () => clearTimeout(timer),
  };
}
