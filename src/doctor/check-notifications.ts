import type { Config } from '../config';
import { readNotificationCounts } from '../db/queries/notifications/counts';
import { askDatabase } from './ask-database';
import { well, wrong, type Finding } from './finding';

/** Where notices go, and whether they arrive. A database that can't be asked is another line's business. */
export async function checkNotices(config: Config): Promise<Finding[]> {
  const { notifyUrl, databaseUrl, signInUrl } = config;
  if (notifyUrl === undefined)
    return [well('Notices: HOLDFAST_NOTIFY_URL is not set; nobody is told')];
  return [...(await sent(notifyUrl, databaseUrl)), well(`Notices: ${howPeopleGetIn(signInUrl)}`)];
}

const howPeopleGetIn = (signInUrl: string | undefined): string =>
  signInUrl === undefined
    ? 'reconnectUrl of integration.error and credential.expiring has a code for one reconnect (HOLDFAST_SIGN_IN_URL is not set)'
    : `reconnectUrl needs a sign-in, at ${new URL(signInUrl).origin} (HOLDFAST_SIGN_IN_URL)`;

async function sent(notifyUrl: string, databaseUrl: string | undefined): Promise<Finding[]> {
  // The path may hold a secret.
  const to = `Notices to ${new URL(notifyUrl).origin}`;
  if (databaseUrl === undefined) return [well(to)];
  try {
    const counts = await askDatabase(databaseUrl, readNotificationCounts);
    const { failing, error, oldestSeconds, givenUp } = counts;
    const found: Finding[] = [];
    if (failing > 0) {
      const since = `the oldest for ${Math.round(oldestSeconds / 60)} min`;
      found.push(wrong(`${to}: ${failing} were not taken yet, ${since} (${error ?? 'unknown'})`));
    }
    if (givenUp > 0)
      found.push(wrong(`${to}: ${givenUp} were given up within a day; the log says which`));
    return found.length > 0 ? found : [well(`${to}: all were taken`)];
  } catch {
    return [well(to)];
  }
}
