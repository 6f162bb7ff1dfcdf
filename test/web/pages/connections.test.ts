import { reject, startPeopleScene } from '../../system/people/people';
import { type Browser, startBrowser } from '../../support/browser/browser';
import type { Scene } from '../../support/scenes/scene';
import { atConnections, card, focused, isTheFirst, unfold } from './at-connections';

let scene: Scene;
let browser: Browser;
beforeAll(async () => {
  scene = await startPeopleScene({
    declare: () => ({ label: 'Acme' }),
    config: { appName: 'Example', allowedOrigins: ['http://app.test'] },
  });
  browser = await startBrowser();
}, 120_000);
afterEach(() => expect(browser.takeProblems()).toEqual([]));
afterAll(async () => {
  await browser.close();
  await scene.close();
});
jest.setTimeout(90_000);

const webhooks = async (to: Parameters<Scene['webhook']>[0], count: number) => {
  for (let sent = 0; sent < count; sent++) await scene.webhook(to);
};

test('S49 a person pauses and says why; what is kept is counted; resume handles it', async () => {
  const integration = await scene.connect({ userId: 'pia', name: 'contacts' });
  const page = await atConnections(browser, scene, 'pia');
  await unfold(page, 'contacts');
  await page.getByRole('button', { name: 'Pause everything' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pause everything?' });
  await dialog.getByLabel('Why?').fill('moving <b>house</b>');
  await dialog.getByRole('button', { name: 'Pause everything' }).click();
  await page.getByText('Everything is paused. Updates are kept until you resume.').waitFor();
  await dialog.waitFor({ state: 'hidden' });
  await card(page, 'contacts').getByText('Paused').waitFor();
  await page.getByText('moving <b>house</b>').filter({ visible: true }).waitFor();

  await webhooks(integration, 3);
  await card(page, 'contacts')
    .getByText('3 updates are waiting; they are handled in order once you resume.')
    .waitFor();
  expect(scene.destination.received).toHaveLength(0);
  await page.getByRole('button', { name: 'Resume everything' }).click();
  await card(page, 'contacts').getByText('Updates are handled as they arrive.').waitFor();
  await page.getByRole('button', { name: 'Pause everything' }).waitFor();
  expect(scene.destination.received).toHaveLength(3);
  expect(await isTheFirst(page)).toBe(true);
});

test("S49 the operator's pause shows its reason, and nothing that ends it", async () => {
  await scene.connect({ userId: 'oda', name: 'contacts' });
  const page = await atConnections(browser, scene, 'oda');
  await page.getByRole('button', { name: 'Pause everything' }).waitFor();
  await scene.system.api('PUT', '/v1/hold', { reason: 'maintenance until six' });
  try {
    await page.getByText('maintenance until six').filter({ visible: true }).waitFor();
    await card(page, 'contacts').getByText('Paused').waitFor();
    await expect(page.getByRole('button', { name: /Pause|Resume/ }).count()).resolves.toBe(0);
  } finally {
    await scene.system.api('DELETE', '/v1/hold');
  }
  await card(page, 'contacts').getByText('Paused').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Pause everything' }).waitFor();
});

test.each([
  ['discard', 'are discarded', 'Updates are being discarded while Acme is switched off.'],
  ['keep', 'are kept', '1 update is waiting; it is handled in order once Acme is switched on.'],
])(
  'switched off and on with the keyboard alone, and told what becomes of updates: %s',
  async (whenDisabled, before, meanwhile) => {
    const userId = `kim-${whenDisabled}`;
    const integration = await scene.connect({
      userId,
      name: 'contacts',
      fields: { whenDisabled },
    });
    const page = await atConnections(browser, scene, userId);
    const press = async (key: string) => page.keyboard.press(key);
    const off = page.getByRole('button', { name: 'Switch off Acme, contacts' });
    const reach = async (words: string) => {
      for (let tabs = 0; !(await focused(page)).startsWith(words); tabs++) {
        if (tabs > 20) throw new Error(`${words} was never reached`);
        await press('Tab');
      }
    };
    await reach('A Acme contacts');
    await press('Enter');
    await reach('Switch off');
    await press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Switch off Acme (contacts)?' });
    await dialog.getByText(before).waitFor();
    expect(await focused(page)).toBe('Leave it on');
    await press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await focused(page)).toBe('Switch off Acme, contacts');

    await press('Enter');
    await press('Tab');
    expect(await focused(page)).toBe('Switch off');
    await press('Enter');
    await card(page, 'contacts').getByText('Switched off', { exact: true }).waitFor();
    await page.getByText('Acme (contacts) is switched off.').waitFor();
    await off.waitFor({ state: 'detached' });
    expect(await focused(page)).toContain('Acme contacts');
    await card(page, 'contacts').getByText('Switched off by you.').first().waitFor();
    await scene.webhook(integration);
    await card(page, 'contacts').getByText(meanwhile).waitFor();

    await reach('Switch on Acme, contacts');
    await press('Enter');
    await card(page, 'contacts').getByText('Connected', { exact: true }).waitFor();
    expect((await scene.show(integration.id)).status).toBe('ENABLED');
    await page.getByText('Acme (contacts) was switched on.').waitFor();
  },
);

test('disconnecting asks first, names what is lost, and takes the card away', async () => {
  const integration = await scene.connect({ userId: 'dan', name: 'contacts' });
  await scene.system.api('PUT', '/api/users/dan/pause', { paused: true });
  await webhooks(integration, 2);
  const page = await atConnections(browser, scene, 'dan');
  await unfold(page, 'contacts');
  const open = page.getByRole('button', { name: 'Disconnect Acme, contacts' });
  const dialog = page.getByRole('dialog', { name: 'Disconnect Acme (contacts)?' });
  await open.click();
  await dialog.getByText('2 updates that wait to be handled').waitFor();
  await dialog.getByText("can't be undone").waitFor();
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  expect((await scene.show(integration.id)).status).toBe('ENABLED');

  await open.click();
  await dialog.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByText('Nothing connected yet').waitFor();
  await page.getByText('Acme (contacts) was disconnected.').waitFor();
  expect(await focused(page)).toBe('Your connections');
  const gone = await scene.system.api('GET', `/v1/integrations/${integration.id}`);
  expect(gone.status).toBe(404);
});

test('what happens shows without a reload; focus, history and an open question stay', async () => {
  const integration = await scene.connect({ userId: 'eve', name: 'contacts' });
  await scene.connect({ userId: 'eve', name: 'mailbox' });
  const page = await atConnections(browser, scene, 'eve');
  await unfold(page, 'mailbox');
  await unfold(page, 'contacts');
  await card(page, 'contacts').getByText('Added.').waitFor();
  await page.getByRole('button', { name: 'Switch off Acme, mailbox' }).focus();

  scene.provider.revokeAll();
  await reject(scene, integration);
  await card(page, 'contacts').getByText('Needs reconnecting').waitFor();
  await card(page, 'contacts').getByText('Stopped.').waitFor({ state: 'attached' });
  expect(await focused(page)).toBe('Switch off Acme, mailbox');
  const reconnect = card(page, 'contacts').getByRole('link', { name: 'Reconnect Acme, contacts' });
  expect(await reconnect.getAttribute('href')).toBe(`/reconnect/${integration.id}`);

  await page.getByRole('button', { name: 'Disconnect Acme, mailbox' }).click();
  const dialog = page.getByRole('dialog', { name: 'Disconnect Acme (mailbox)?' });
  await webhooks(integration, 2);
  await card(page, 'contacts').getByText('2 updates are waiting').waitFor();
  expect(await dialog.isVisible()).toBe(true);
  expect(await focused(page)).toBe('Keep it');
  expect(await isTheFirst(page)).toBe(true);
});
