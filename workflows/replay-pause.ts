/** The sweep takes a replay for forgotten that was not looked at for 90 s. */
const longestMs = 30_000;

/**
 * Until a full queue is looked at again: soon while it is being handled, seldom while nothing leaves it.
 *
 * @param pauses how many in a row have brought no room
 */
export function replayPauseMs(pauses: number): number {
  return Math.min(1_000 * 2 ** Math.min(pauses, 5), longestMs);
}
