import type { Page } from 'playwright-core';
import { type Browser, startBrowser } from '../../support/browser/browser';
import { eventually } from '../../support/eventually';
import { freePort } from '../../support/processes/free-port';
import {
  type DeletionScene,
  rowsWith,
  startDeletionScene,
  withoutOutboxes,
} from '../../support/scenes/deletion-scene';
import type { IntegrationBody } from '../../support/scenes/scene';

let scene: DeletionScene;
let browser: Browser;
beforeAll(async () => {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  scene = await startDeletionScene({
    withAccount: true,
    config: { port, publicUrl, sweepSeconds: 1, appName: 'Example' },
  });
  browser = await startBrowser();
}, 120_000);
beforeEach(() => {
  scene.revocations.shown.length = 0;
});
afterAll(async () => {
  await browser.close();
  await scene.close();
});

const patience = { timeoutMs: 60_000, everyMs: 200 };

/** A person follows a link, agrees at the provider, and is asked. */
async function isAsked(userId: string, account: string) {
  const { body: integration } = await scene.system.api<IntegrationBody>(
    'POST',
    '/v1/integrations',
    {
      ...{ userId, name: 'contacts', provider: 'acme' },
      destination: { url: scene.destination.url },
    },
  );
  scene.provider.signedInAs(account);
  const { body } = await scene.system.api<{ url: string }>('POST', '/v1/sessions', {
    ...{ userId, userLabel: 'Ada', integrationId: integration.id },
  });
  const page = await browser.newPage();
  let callback = '';
  page.on('request', (request) => {
    if (request.url().includes('/callback?')) callback = request.url();
  });
  await page.goto(body.url);
  await page.getByRole('button').click();
  await page.getByRole('heading', { name: 'Connect this acme account?', exact: false }).waitFor();
  return { page, integration, callback };
}

const show = async ({ id }: IntegrationBody) =>
  (await scene.system.api<IntegrationBody>('GET', `/v1/integrations/${id}`)).body;

const press = (page: Page, name: 'Connect' | 'Cancel') =>
  page.getByRole('button', { name, exact: true }).click();

const tokensGiven = () => scene.provider.given();

/** The provider was shown the refresh token that it gave last, and nothing else of it is left here. */
async function isRevoked(userId: string) {
  const given = tokensGiven().at(-1);
  // For a minute after a person came back nothing of theirs is revoked.
  await scene.system.pool.query(`UPDATE oauth_states SET used_at = now() - interval '2 minutes'`);
  await eventually(
    () => expect(scene.revocations.shown).toEqual([{ token: given, hint: 'refresh_token' }]),
    patience,
  );
  await eventually(async () => {
    const { rows } = await scene.system.pool.query(
      'SELECT FROM confirmations WHERE user_id = $1 AND grant_tokens IS NOT NULL',
      [userId],
    );
    expect(rows).toEqual([]);
    expect(await rowsWith(scene.system.pool, [userId])).not.toHaveProperty('revocations');
  }, patience);
}

test('S59 a person who says that it is their account is connected, and sees it', async () => {
  const { page, integration, callback } = await isAsked('ada', 'ada-1');
  const text = await page.locator('main').innerText();
  for (const shown of ['ada-1', 'Example', 'Ada', 'User id']) expect(text).toContain(shown);
  expect((await show(integration)).credentials).toMatchObject([{ version: 0, state: 'missing' }]);
  await page.reload();
  // Back to the provider, which leads here again; and two tabs.
  await page.goto(callback);
  const twin = await page.context().newPage();
  await twin.goto(page.url());
  await page.getByRole('button', { name: 'Connect', exact: true }).dblclick();
  await page.getByRole('heading', { name: 'acme is connected', exact: false }).waitFor();
  await press(twin, 'Cancel');
  await twin.getByRole('heading', { name: 'acme is connected', exact: false }).waitFor();
  await twin.goto(callback);
  await twin.getByRole('heading', { name: 'acme is connected', exact: false }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'acme is connected', exact: false }).waitFor();
  expect((await show(integration)).credentials).toMatchObject([{ version: 1 }]);
  await eventually(
    async () => expect(await show(integration)).toMatchObject({ status: 'ENABLED' }),
    patience,
  );
  await page.goBack();
  await page.getByText('is connected').waitFor();
  expect(scene.revocations.shown).toEqual([]);
}, 120_000);

test("S59 a victim of a forwarded link cancels: their tokens are revoked, and were never the attacker's", async () => {
  const { page, integration } = await isAsked('mallory', 'victim');
  await press(page, 'Cancel');
  await page.getByRole('heading', { name: 'acme was not connected', exact: false }).waitFor();
  expect(await page.getByRole('link', { name: 'Try again' }).isVisible()).toBe(true);
  await isRevoked('mallory');
  expect(await show(integration)).toMatchObject({
    ...{ status: 'ERROR', credentials: [{ version: 0, state: 'missing', accountId: null }] },
  });
}, 120_000);

test('S59 what nobody confirms within ten minutes is revoked', async () => {
  const { page, integration } = await isAsked('cy', 'cy-1');
  await scene.system.pool.query(`UPDATE confirmations SET expires_at = now() WHERE user_id = 'cy'`);
  await isRevoked('cy');
  await press(page, 'Connect');
  await page.getByText('within ten minutes').waitFor();
  browser.takeProblems();
  expect((await show(integration)).credentials).toMatchObject([{ version: 0 }]);
}, 120_000);

test.each([
  ['the integration', (id: string) => `integrations/${id}`],
  ['the person', () => 'users/deleted'],
])(
  'S59 %s is deleted while it waits: it goes, and is revoked',
  async (_what, path) => {
    const { integration } = await isAsked('deleted', `deleted-${tokensGiven().length}`);
    expect(await scene.remove(path(integration.id))).toBe(204);
    expect(withoutOutboxes(await rowsWith(scene.system.pool, ['deleted', integration.id]))).toEqual(
      {},
    );
    await isRevoked('deleted');
  },
  120_000,
);
