import { Browser, confirm } from '../../gateway/browser';
import { eventually } from '../../support/eventually';
import type { IntegrationBody, Scene } from '../../support/scenes/scene';
import {
  actorsAreQuiet,
  credentialOf,
  reconnect,
  reject,
  startPeopleScene,
  untilCredential,
} from '../people/people';

let scene: Scene;
beforeAll(async () => {
  scene = await startPeopleScene();
}, 60_000);
afterAll(() => scene.close());

const switchTo = async ({ id }: IntegrationBody, way: 'enable' | 'disable') => {
  const { status } = await scene.system.api('POST', `/v1/integrations/${id}/${way}`, {});
  expect(status).toBe(200);
};

async function revoke(integration: IntegrationBody, ...names: string[]) {
  scene.provider.revokeAll();
  for (const name of names) expect(await reject(scene, integration, name)).toBe(424);
}

const sharing = (integration: IntegrationBody) =>
  scene.connect({ credentials: { main: { id: credentialOf(integration).id } } });

test('S4 of two dead credentials each is reconnected by name, and the page leads on to the other', async () => {
  const credentials = { main: scene.provider.grant(), backup: scene.provider.grant() };
  const integration = await scene.connect({ credentials });
  await revoke(integration, 'main', 'backup');
  await scene.until(integration.id, 'ERROR');

  const browser = new Browser();
  const first = await reconnect(scene, integration, { credential: 'backup' }, browser);
  expect(first.text).toContain('One more account of this connection has to be connected');
  await untilCredential(scene, integration, { version: 2, state: 'alive' }, 'backup');
  await untilCredential(scene, integration, { version: 1, state: 'dead' }, 'main');
  await eventually(
    async () =>
      expect(await scene.show(integration.id)).toMatchObject({
        ...{ status: 'ERROR', transition: 1, reason: { credential: 'main' } },
      }),
    { timeoutMs: 20_000 },
  );

  const next = /href="(\/oauth\/[^"]+)"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const second = await confirm(browser, await browser.open(new URL(next, first.url)));
  expect(second.text).toContain('There is nothing else to do');
  expect(await scene.until(integration.id, 'ENABLED')).toMatchObject({ transition: 2 });
}, 60_000);

test('S4 the address without a token leads to the credential that has died, and then on to the one never connected', async () => {
  const main = { id: credentialOf(await scene.connect({ credentials: {} })).id };
  const integration = await scene.connect({
    credentials: { alive: scene.provider.grant(), backup: scene.provider.grant(), main },
  });
  await revoke(integration, 'backup');
  await eventually(
    async () =>
      expect(await scene.show(integration.id)).toMatchObject({
        ...{ status: 'ERROR', transition: 0, reason: { credential: 'backup' } },
      }),
    { timeoutMs: 20_000 },
  );
  const { body } = await scene.system.api<{ url: string }>('POST', '/v1/sessions', {
    userId: 'user-1',
  });
  const browser = new Browser();
  await browser.press(await browser.open(body.url));
  const address = `${scene.system.url}/reconnect/${integration.id}`;
  const mended = await confirm(browser, await browser.open(address));
  expect(mended.status).toBe(200);
  await untilCredential(scene, integration, { version: 2, state: 'alive' }, 'backup');
  await untilCredential(scene, integration, { version: 0 }, 'main');

  expect((await confirm(browser, await browser.open(address))).status).toBe(200);
  await scene.until(integration.id, 'ENABLED');
  await untilCredential(scene, integration, { version: 1 }, 'main');
  await untilCredential(scene, integration, { version: 1 }, 'alive');
}, 60_000);

test('S5 one reconnect brings back all who share the credential, less the one that is switched off', async () => {
  const first = await scene.connect();
  const [second, off] = [await sharing(first), await sharing(first)];
  await switchTo(off, 'disable');
  const calls = scene.provider.tokenCalls();
  await revoke(first, 'main');
  expect(scene.provider.tokenCalls()).toBe(calls + 1);
  for (const { id } of [first, second]) await scene.until(id, 'ERROR');

  expect((await reconnect(scene, second)).status).toBe(200);
  for (const { id } of [first, second]) await scene.until(id, 'ENABLED');
  await actorsAreQuiet(scene, off);
  expect(await scene.show(off.id)).toMatchObject({
    ...{ status: 'DISABLED', credentials: [{ version: 2, state: 'alive' }] },
  });

  // Reconnecting it is opting in, though nothing was wrong with its credential.
  expect((await reconnect(scene, off)).status).toBe(200);
  await scene.until(off.id, 'ENABLED');
  for (const { id } of [first, second]) {
    expect(await scene.show(id)).toMatchObject({ status: 'ENABLED', transition: 2 });
  }
}, 60_000);

describe('S6 switched off, and then its credential dies', () => {
  async function offAndDead() {
    const integration = await scene.connect();
    await switchTo(integration, 'disable');
    await revoke(integration, 'main');
    await untilCredential(scene, integration, { state: 'dead' });
    await actorsAreQuiet(scene, integration);
    expect(await scene.show(integration.id)).toMatchObject({ status: 'DISABLED', transition: 1 });
    return integration;
  }

  test('its reconnect switches it on', async () => {
    const integration = await offAndDead();
    expect((await reconnect(scene, integration)).text).toContain('There is nothing else to do');
    expect(await scene.until(integration.id, 'ENABLED')).toMatchObject({ transition: 2 });
  }, 60_000);

  test('a reconnect that is asked to resume nothing leaves it off, until it is enabled', async () => {
    const integration = await offAndDead();
    const end = await reconnect(scene, integration, { resume: false });
    expect(end.text).toContain('still switched off');
    await untilCredential(scene, integration, { version: 2, state: 'alive' });
    await actorsAreQuiet(scene, integration);
    expect(await scene.show(integration.id)).toMatchObject({ status: 'DISABLED', transition: 1 });
    await switchTo(integration, 'enable');
    await scene.until(integration.id, 'ENABLED');
  }, 60_000);

  test('enabling it shows the death, and the reconnect mends that', async () => {
    const integration = await offAndDead();
    await switchTo(integration, 'enable');
    expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
      reason: { code: 'invalid_grant', credential: 'main' },
    });
    expect((await reconnect(scene, integration, { resume: false })).status).toBe(200);
    await scene.until(integration.id, 'ENABLED');
  }, 60_000);
});
