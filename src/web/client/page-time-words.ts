const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

const soon = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
/** The whole time. */
export const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** "3 minutes ago" for a week, then the date, as of what is yet to come; in the reader's own time zone. */
export function timeWords(at: Date, now: Date): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1_000);
  const size = Math.abs(seconds);
  if (size > 7 * 86_400 || seconds >= 60) return date.format(at);
  for (const [unit, length] of units) {
    if (size >= length) return soon.format(Math.trunc(seconds / length), unit);
  }
  return 'just now';
}
