import { Browser, type Page } from './browser';
import { expect } from './see';

/**
 * Goes the way of a person with a session link: its button, the provider's consent, back, and the account's confirmation where
 * it is asked for.
 * @returns when the consent was given, as `performance.now()` has it
 * @throws NotSeenError where the way ends elsewhere
 */
export async function walk(link: string, account: string): Promise<number> {
  const browser = new Browser();
  const first = await browser.open(link);
  expect(first.status === 200, 'the page of the session link', `${first.status} ${first.title}`);

  const asked = await browser.submit(link, {});
  const { origin, pathname, searchParams } = asked.url;
  const atConsent = asked.status === 200 && pathname === '/oauth/authorize';
  const place = `${asked.status} ${asked.title} at ${origin}${pathname}`;
  expect(atConsent, "the provider's question after the link's button", place);

  const consentedAt = performance.now();
  const answer = { ...Object.fromEntries(searchParams), account, decision: 'allow' };
  const back = await browser.submit(`${origin}${pathname}`, answer);
  const end = await confirmed(browser, back);
  expect(end.status === 200, 'the way back from the provider', `${end.status} ${end.title}`);
  return consentedAt;
}

/** Says that it is the right account, where Holdfast has not seen it before. */
function confirmed(browser: Browser, page: Page): Promise<Page> | Page {
  const { origin, pathname, searchParams } = page.url;
  const confirmation = searchParams.get('confirmation');
  if (confirmation === null) return page;
  return browser.submit(`${origin}${pathname}`, { confirmation, decision: 'connect' });
}
