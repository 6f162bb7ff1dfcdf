import type { Page } from 'playwright-core';
import type { System } from '../scenes/system';

interface SessionFields {
  userLabel?: string;
  integrationId?: string;
  returnTo?: string;
}

/** Signs the page's browser in by a link of its own, as people do: opens it and presses the button. */
export async function signIn(
  page: Page,
  { system }: { system: Pick<System, 'api'> },
  userId: string,
  fields: SessionFields = {},
): Promise<void> {
  const { status, body } = await system.api<{ url: string }>('POST', '/v1/sessions', {
    userId,
    ...fields,
  });
  if (status !== 201) throw new Error(`no session: ${status} ${JSON.stringify(body)}`);
  await page.goto(body.url);
  const link = page.url();
  await page.getByRole('button').click();
  await page.waitForURL((url) => url.href !== link, { waitUntil: 'load' });
}
