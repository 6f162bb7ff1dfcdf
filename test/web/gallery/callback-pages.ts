import type { Page } from 'playwright-core';
import { answersWith, type Exhibit } from './exhibit';
import { type Gallery, people } from './gallery';
import { sessionUrl } from './link-pages';

let accounts = 0;

/** Sets out for the provider, and comes back with what the provider might say. */
async function comeBack(page: Page, gallery: Gallery, answer: Record<string, string>) {
  const { unconnected, scene } = gallery;
  await page.goto(await sessionUrl(gallery, people.connecting));
  await page.getByRole('button').click();
  await page.waitForURL((now) => now.pathname === '/');
  const start = await page
    .context()
    .request.get(`${scene.system.url}/oauth/acme/start?integration=${unconnected.id}`, {
      maxRedirects: 0,
    });
  const state = new URL(start.headers()['location'] ?? '').searchParams.get('state') ?? '';
  const back = new URL('/oauth/acme/callback', scene.system.url);
  back.search = new URLSearchParams({ state, ...answer }).toString();
  await page.goto(back.href);
  return back.href;
}

const failure = (name: string, status: number, answer: Record<string, string>): Exhibit => ({
  name: `callback-${name}`,
  expected: answersWith(status),
  show: (page, gallery) => comeBack(page, gallery, answer),
});

/** What people see when they come back from the provider and nothing was connected. */
export const callbackFailures: Exhibit[] = [
  failure('denied', 403, { error: 'access_denied' }),
  failure('invalid', 400, { code: 'never-issued' }),
  failure('unavailable', 503, { error: 'temporarily_unavailable' }),
  failure('app-refused', 502, { error: 'unauthorized_client' }),
  {
    name: 'callback-unknown',
    expected: answersWith(400),
    show: (page, { scene }) => page.goto(`${scene.system.url}/oauth/acme/callback?state=x&code=y`),
  },
  {
    name: 'callback-used',
    expected: [...answersWith(403), ...answersWith(409)],
    show: async (page, gallery) => {
      await page.goto(await comeBack(page, gallery, { error: 'access_denied' }));
    },
  },
  {
    name: 'callback-late',
    expected: [...answersWith(403), ...answersWith(410)],
    show: async (page, gallery) => {
      const url = await comeBack(page, gallery, { error: 'access_denied' });
      await gallery.scene.system.pool.query(
        `UPDATE oauth_states SET expires_at = now() - interval '1 second', used_at = NULL`,
      );
      await page.goto(url);
    },
  },
  {
    name: 'callback-other-browser',
    expected: [...answersWith(403), ...answersWith(400)],
    show: async (page, gallery) => {
      const url = await comeBack(page, gallery, { error: 'access_denied' });
      await gallery.scene.system.pool.query('UPDATE oauth_states SET used_at = NULL');
      await page.context().clearCookies();
      await page.goto(url);
    },
  },
  {
    name: 'callback-other-account',
    expected: answersWith(409),
    show: async (page, gallery) => {
      accounts += 1;
      const userId = `user-account-${accounts}`;
      const { id } = await gallery.scene.connect({ userId });
      await gallery.scene.system.pool.query(
        `UPDATE credentials SET account_id = 'grace@acme.example' WHERE user_id = $1`,
        [userId],
      );
      await page.goto(await sessionUrl(gallery, userId, { integrationId: id }));
      await page.getByRole('button').click();
      await page.getByRole('heading', { name: 'another' }).waitFor();
    },
  },
  {
    name: 'callback-provider-unknown',
    expected: answersWith(404),
    show: (page, { scene }) => page.goto(`${scene.system.url}/oauth/nobody/callback?state=x`),
  },
];
