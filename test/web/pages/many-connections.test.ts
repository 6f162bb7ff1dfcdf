import type { Page } from 'playwright-core';
import { insertDeliveries } from '../../support/scenes/rows';
import { axeViolations } from '../../support/browser/axe';
import { isTheFirst, card, unfold } from './at-connections';
import { type ManyConnections, startManyConnections, working } from './many-connections';

const logoUrl = 'https://cdn.acme.example/logo.svg';
const appLogoUrl = 'https://images.app.example/brand.svg';
let many: ManyConnections;
beforeAll(async () => {
  many = await startManyConnections(
    { appLogoUrl, brandColor: '#ffcc00', allowedOrigins: ['https://app.example'] },
    { depicted: { label: 'Depicted', logoUrl, webhook: { scheme: 'github' } } },
  );
}, 60_000);
afterEach(() => expect(many.browser.takeProblems()).toEqual([]));
afterAll(() => many.close());
jest.setTimeout(60_000);

const desk = { width: 1200, height: 900 };
const phone = { width: 390, height: 844 };
const pictures = [/another machine: GET https:\/\/(cdn|images)\./, /ERR_NAME_NOT_RESOLVED/];

/** The pictures of the application and of a provider come from where they are said to be. */
async function open(userId: string, viewport = desk, session: object = {}): Promise<Page> {
  const page = await many.open(userId, { viewport, expected: pictures }, session);
  await page.evaluate(`document.documentElement.dataset.first = 'yes'`);
  return page;
}

async function withPictures(userId: string): Promise<Page> {
  const page = await open(userId);
  await page.context().route(/^https:/, (route) =>
    route.fulfill({
      contentType: 'image/svg+xml',
      body: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    }),
  );
  await page.reload();
  return page;
}

const height = (page: Page) =>
  page.evaluate<number>('document.querySelector("main").getBoundingClientRect().bottom + scrollY');
const overhang = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
const boxOf = async (page: Page, selector: string) => {
  const box = await page.locator(selector).first().boundingBox();
  if (box === null) throw new Error(`${selector} is not seen`);
  return { ...box, bottom: box.y + box.height };
};

const mixed = [
  ...working(3),
  { provider: 'initech', name: 'archive', standing: 'off' as const },
  { provider: 'globex', name: 'team-calendar', standing: 'unconnected' as const },
  { provider: 'umbrella', name: 'orders', standing: 'failing' as const, kept: 3 },
  { provider: 'acme', name: 'acme', standing: 'broken' as const, kept: 12 },
];

test('twenty connections fit on the screen of a desk, and on three of a phone, six broken ones among them too', async () => {
  await many.insert('twenty', working(20));
  const six = { standing: 'broken', kept: 3 } as const;
  const some = working(20).map((row, index) => (index < 6 ? { ...row, ...six } : row));
  await many.insert('six-broken', some);
  const broken = await open('six-broken', phone);
  const alarm = broken.locator('holdfast-banner');
  await alarm.getByText('18 updates wait until then.').waitFor();
  expect(await height(broken)).toBeLessThanOrEqual(3 * phone.height);
  // Each says what is wrong and has its way out beside what else there is, and neither covers the other.
  expect(await broken.getByRole('link', { name: /^Reconnect/ }).count()).toBe(6);
  const act = await boxOf(broken, '.mend .act');
  const more = await boxOf(broken, '.rest > summary');
  expect(act.x + act.width).toBeLessThanOrEqual(more.x);
  expect(Math.abs(act.y - more.y)).toBeLessThan(2);
  const why = card(broken, 'workspace-1').locator('.why').first();
  expect(await why.isVisible()).toBe(false);
  await card(broken, 'workspace-1').locator('.rest > summary').click();
  expect(await why.isVisible()).toBe(true);
  expect(await axeViolations(broken)).toEqual([]);
  const page = await open('twenty');
  expect(await page.locator('.row').filter({ visible: true }).count()).toBe(20);
  expect(await height(page)).toBeLessThanOrEqual(desk.height);
  await page.setViewportSize(phone);
  expect(await height(page)).toBeLessThanOrEqual(3 * phone.height);
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await overhang(page)).toBeLessThanOrEqual(0);
  expect(await page.getByRole('searchbox').count()).toBe(0);
});

test('what is broken comes first and open, with one thing to do; the rest is behind rows', async () => {
  await many.insert('mixed', mixed);
  const page = await open('mixed');
  const names = await page.locator('.row h2').allTextContents();
  expect(names).toEqual([
    ...['Acme', 'Globex Calendar', 'Umbrella CRM'],
    ...['Acme', 'Globex Calendar', 'Northwind Mail', 'Initech Files'],
  ]);
  const controls = page.locator('.card a, .card button').filter({ visible: true });
  expect(await controls.allTextContents()).toEqual([
    expect.stringMatching(/^Reconnect\s+Acme$/),
    expect.stringMatching(/^Connect\s+Globex Calendar, team-calendar$/),
  ]);
  expect(await page.locator('main').innerText()).not.toMatch(/Acme \(acme\)|webhook/);
  await page
    .getByText('3 updates are waiting: Example App is not answering.')
    .filter({ visible: true })
    .waitFor();
  expect(await page.getByText('being handled').filter({ visible: true }).count()).toBe(0);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await axeViolations(page)).toEqual([]);
  }
});

test('on a phone the alarm is above the pause, facts stand under one another, and fingers meet 44 px', async () => {
  await many.insert('phone', mixed);
  const page = await open('phone', phone);
  const alarm = await boxOf(page, 'holdfast-banner');
  const pause = await boxOf(page, '#pause');
  expect(alarm.height).toBeGreaterThan(0);
  expect(alarm.bottom).toBeLessThanOrEqual(pause.y);
  await unfold(page, 'workspace-1');
  const facts = page.locator('.facts > div').filter({ visible: true });
  expect(await facts.count()).toBeGreaterThan(3);
  for (const fact of await facts.all()) {
    const term = await fact.locator('dt').boundingBox();
    const value = await fact.locator('dd').first().boundingBox();
    expect(value?.y).toBeGreaterThanOrEqual((term?.y ?? 0) + (term?.height ?? 0) - 1);
    expect(value?.width).toBeGreaterThan(250);
  }
  for (const target of await page
    .locator('main a, main button, summary')
    .filter({ visible: true })
    .all()) {
    const box = await target.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(43.5);
  }
  expect(await overhang(page)).toBeLessThanOrEqual(0);
});

test('what is folded open stays so while the page renews itself; what breaks then opens by itself', async () => {
  const [first = '', second = ''] = await many.insert('live', working(2));
  await insertDeliveries(many.fixture.pool, 2, { integration_id: second });
  const page = await open('live');
  await unfold(page, 'workspace-2');
  await card(page, 'workspace-2').locator('summary').focus();
  await many.fixture.pool.query(
    `UPDATE integrations SET status = 'ERROR', reason_code = 'invalid_grant', transition = 9
     WHERE id = $1`,
    [first],
  );
  await card(page, 'workspace-1').getByRole('link', { name: 'Reconnect' }).waitFor();
  expect(await card(page, 'workspace-2').locator('details').first().getAttribute('open')).toBe('');
  expect(await page.evaluate(`document.activeElement.tagName`)).toBe('SUMMARY');
  await card(page, 'workspace-1').locator('summary').first().click();
  await many.fixture.call('PUT', '/api/users/live/pause', { paused: true });
  await card(page, 'workspace-2').getByText('Paused').waitFor();
  expect(await card(page, 'workspace-1').getByRole('link').filter({ visible: true }).count()).toBe(
    0,
  );
  await many.fixture.call('PUT', '/api/users/live/pause', { paused: false });
  await card(page, 'workspace-2').getByText('Connected', { exact: true }).waitFor();
  await many.fixture.pool.query(
    `INSERT INTO failing_destinations (integration_id, origin, error) VALUES ($1, 'https://app.example', 'It answered 500')`,
    [second],
  );
  // By the stream: what isn't part of the status is asked for every 30 s.
  await card(page, 'workspace-2')
    .getByText('Updates waiting', { exact: true })
    .waitFor({ timeout: 4_000 });
  expect(await isTheFirst(page)).toBe(true);
});

test('from thirty on a list can be searched, and stays so while it renews itself', async () => {
  await many.insert('thirty', [...working(29), { provider: 'umbrella', name: 'größe' }]);
  const page = await open('thirty');
  await page.getByRole('searchbox', { name: 'Find a connection' }).fill('umbrella GRÖ');
  const shown = page.locator('.card').filter({ visible: true });
  expect(await shown.locator('.name').allTextContents()).toEqual(['größe']);
  await page.getByRole('status').getByText('1 of 30 shown').waitFor();
  await many.fixture.call('PUT', '/api/users/thirty/pause', { paused: true });
  await shown.getByText('Paused').waitFor();
  expect(await shown.count()).toBe(1);
  await page.getByRole('searchbox').fill('nowhere');
  await page.getByText('None of 30 connections matches').waitFor();
  await page.getByRole('searchbox').fill('');
  expect(await shown.count()).toBe(30);
});

test('what was just done covers nothing of the history', async () => {
  await many.insert('covered', working(14));
  const page = await open('covered', phone);
  await page.getByRole('button', { name: 'Pause everything' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Pause everything' }).click();
  await page.getByText('Everything is paused. Updates are kept').waitFor();
  await unfold(page, 'workspace-10');
  await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)');
  const said = await boxOf(page, '.said');
  const list = await boxOf(page, '#cards');
  expect(said.y).toBeGreaterThanOrEqual(list.bottom);
});

test.each([
  ['read', 0, 0, 0],
  ['manage', 1, 1, 0],
  ['delete', 1, 1, 1],
])('a session that may %s is offered no more than that', async (scope, pauses, offs, drops) => {
  const userId = `scope-${scope}`;
  await many.insert(userId, [...working(1), { provider: 'acme', name: 'b', standing: 'broken' }]);
  const page = await open(userId, desk, { scope });
  await unfold(page, 'workspace-1');
  const count = (name: RegExp) => page.getByRole('button', { name }).count();
  expect(await count(/^Pause/)).toBe(pauses);
  expect(await count(/^Switch off/)).toBe(offs);
  expect(await count(/^Disconnect/)).toBe(drops);
  expect(await page.getByRole('link', { name: /^Reconnect/ }).count()).toBeGreaterThan(0);
});

test('another name of this machine leads to the public one, where the button works', async () => {
  const { body } = await many.fixture.call('POST', '/v1/sessions', { userId: 'other-name' });
  const { url } = body as unknown as { url: string };
  const page = await many.browser.newPage({ expected: pictures });
  await page.goto(url.replace('localhost', '127.0.0.1'));
  expect(page.url()).toBe(url);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('Nothing connected yet').waitFor();
  expect(page.url()).toBe(`${many.origin}/`);
});

test('logos come from where they are declared, with a letter where there is none or it is away', async () => {
  await many.insert('logos', [{ provider: 'depicted', name: 'depicted' }, ...working(1)]);
  const page = await withPictures('logos');
  const loaded = (selector: string) =>
    page.evaluate<boolean>(`document.querySelector('${selector}').naturalWidth > 0`);
  await page.locator('.tile img').waitFor();
  expect(await loaded('.tile img')).toBe(true);
  expect(await loaded('img.app')).toBe(true);
  expect(await page.locator('.tile').allTextContents()).toEqual(['A', 'D']);
  await page.context().unroute(/^https:/);
  const away = await many.browser.newPage({ expected: pictures });
  await away.context().addCookies(await page.context().cookies());
  await away.goto(`${many.origin}/`);
  await away.locator('.tile img').waitFor({ state: 'hidden' });
});
