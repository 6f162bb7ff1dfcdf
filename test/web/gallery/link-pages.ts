import type { Page } from 'playwright-core';
import { answersWith, type Exhibit } from './exhibit';
import { type Gallery, people } from './gallery';

/** A link of the application's for that person. */
export async function sessionUrl(
  { scene }: Pick<Gallery, 'scene'>,
  userId: string,
  fields: object = {},
): Promise<string> {
  const { status, body } = await scene.system.api<{ url: string }>('POST', '/v1/sessions', {
    userId,
    userLabel: 'Ada Lovelace',
    ...fields,
  });
  if (status !== 201) throw new Error(`no session: ${JSON.stringify(body)}`);
  return body.url;
}

const at =
  (path: string) =>
  (page: Page, { scene }: Gallery) =>
    page.goto(scene.system.url + path);

async function signOut(page: Page, gallery: Gallery): Promise<void> {
  await page.goto(await sessionUrl(gallery, people.none));
  await page.getByRole('button').click();
  await page.waitForURL((now) => now.pathname === '/');
  await page.goto(`${gallery.scene.system.url}/sign-out`);
}

/** What people see before they are signed in, and in place of what isn't there. */
export const linkPages: Exhibit[] = [
  {
    name: 'link-connections',
    show: async (page, gallery) => page.goto(await sessionUrl(gallery, people.well)),
  },
  {
    name: 'link-connect',
    show: async (page, gallery) =>
      page.goto(
        await sessionUrl(gallery, people.connecting, { integrationId: gallery.unconnected.id }),
      ),
  },
  {
    name: 'link-used',
    expected: answersWith(410),
    show: async (page, gallery) => {
      const url = await sessionUrl(gallery, people.none);
      await page.goto(url);
      await page.getByRole('button').click();
      await page.waitForURL((now) => now.pathname === '/');
      await page.goto(url);
    },
  },
  {
    name: 'link-expired',
    expected: answersWith(410),
    show: async (page, gallery) => {
      const url = await sessionUrl(gallery, 'user-late');
      await gallery.scene.system.pool.query(
        `UPDATE sessions SET link_expires_at = now() WHERE user_id = 'user-late'`,
      );
      await page.goto(url);
    },
  },
  { name: 'link-unknown', expected: answersWith(404), show: at('/s/unknown') },
  { name: 'signed-out', expected: answersWith(401), show: at('/') },
  {
    name: 'reconnect-signed-out',
    expected: answersWith(401),
    show: (page, gallery) => at(`/reconnect/${gallery.unconnected.id}`)(page, gallery),
  },
  {
    name: 'reconnect-of-another',
    expected: answersWith(404),
    show: async (page, gallery) => {
      await page.goto(await sessionUrl(gallery, people.none));
      await page.getByRole('button').click();
      await page.waitForURL((now) => now.pathname === '/');
      await at(`/reconnect/${gallery.unconnected.id}`)(page, gallery);
    },
  },
  { name: 'sign-out', show: async (page, gallery) => signOut(page, gallery) },
  {
    name: 'sign-out-done',
    show: async (page, gallery) => {
      await signOut(page, gallery);
      await page.getByRole('button').click();
      await page
        .getByText(/signed out/i)
        .first()
        .waitFor();
    },
  },
  { name: 'bad-address', expected: answersWith(400), show: at('/oauth/acme/start') },
  { name: 'no-such-page', expected: answersWith(404), show: at('/nothing/here') },
];
