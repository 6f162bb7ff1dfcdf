import type { Page } from 'playwright-core';
import { confirmAccount } from '../../support/browser/confirm';
import { eventually } from '../../support/eventually';
import type { IntegrationBody } from '../../support/scenes/scene';
import type { Exhibit } from './exhibit';
import type { Gallery } from './gallery';
import { sessionUrl } from './link-pages';

let count = 0;

/**
 * A new person connects what was never connected, and for which so many webhooks were kept.
 *
 * @param before what happens to it until then
 */
async function connect(
  page: Page,
  gallery: Gallery,
  kept: number,
  fields: object = {},
  before: (integration: IntegrationBody, userId: string) => Promise<unknown> = () =>
    Promise.resolve(),
) {
  const { scene } = gallery;
  count += 1;
  const userId = `user-new-${count}`;
  const integration = await scene.connect({ userId, name: 'contacts', credentials: {} });
  for (let sent = 0; sent < kept; sent += 1) await scene.webhook(integration);
  await before(integration, userId);
  await page.goto(await sessionUrl(gallery, userId, { integrationId: integration.id, ...fields }));
  await page.getByRole('button').click();
  await confirmAccount(page);
  await page.getByRole('heading', { name: 'connected' }).waitFor();
}

/** A new person comes back, and is asked whose account it is. */
async function beAsked(page: Page, gallery: Gallery) {
  count += 1;
  const userId = `user-new-${count}`;
  const { id } = await gallery.scene.connect({ userId, credentials: {} });
  await page.goto(await sessionUrl(gallery, userId, { integrationId: id }));
  await page.getByRole('button').click();
  await page.getByRole('heading', { name: 'Connect this Acme account?' }).waitFor();
}

/** What people see when they come back and all went well. */
export const callbackSuccess: Exhibit[] = [
  { name: 'callback-confirm', show: beAsked },
  {
    name: 'callback-cancelled',
    show: async (page, gallery) => {
      await beAsked(page, gallery);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('heading', { name: 'was not connected' }).waitFor();
    },
  },
  { name: 'callback-connected', show: (page, gallery) => connect(page, gallery, 0) },
  {
    name: 'callback-held',
    show: async (page, gallery) => {
      await connect(page, gallery, 3, {}, (_integration, userId) =>
        gallery.scene.system.api('PUT', `/api/users/${userId}/pause`, {
          ...{ paused: true, reason: 'We are moving house' },
        }),
      );
      await page.getByText('You have paused everything').waitFor();
    },
  },
  {
    name: 'callback-stays-off',
    show: async (page, gallery) => {
      await connect(page, gallery, 0, { resume: false }, ({ id }) =>
        gallery.scene.system.api('POST', `/v1/integrations/${id}/disable`, {}),
      );
      await page.getByText('still switched off').waitFor();
    },
  },
  {
    name: 'callback-progress',
    illustration: [{ width: 1280, height: 420, colorScheme: 'light' }],
    show: async (page, gallery) => {
      const { destination } = gallery.scene;
      const before = destination.received.length;
      // The fifth is being handled for as long as anybody looks.
      destination.answer((_request, answer) => {
        if (destination.received.length - before < 5) answer.writeHead(204).end();
      });
      await connect(page, gallery, 12, {
        returnTo: `${gallery.scene.system.config.allowedOrigins[0] ?? ''}/orders`,
      });
      await eventually(() => expect(destination.received.length - before).toBe(5), {
        timeoutMs: 30_000,
      });
      await page.getByText('4 of 12 done').waitFor();
    },
    end: ({ scene: { destination } }) => {
      destination.answer((_request, answer) => void answer.writeHead(204).end());
      return Promise.resolve();
    },
  },
];
