import { createHmac } from 'node:crypto';
import { shopify } from '../../../src/providers/built-in/shopify';
import { verifyWebhook } from '../../../src/webhooks/verify';
import { oneEvent, webhook } from '../requests';

const secret = 'hush';
const scheme = { scheme: 'shopify', ...shopify.webhook } as const;
const body = '{"id":820982911946154508}';
const signature = createHmac('sha256', secret).update(body).digest('base64');

const send = (headers: Record<string, string>) =>
  verifyWebhook(scheme, webhook(Object.entries(headers), body), [secret]);

const headers = {
  'X-Shopify-Hmac-Sha256': signature,
  'X-Shopify-Event-Id': '98880550',
  'X-Shopify-Topic': 'orders/create',
  'X-Shopify-Shop-Domain': 'one.myshopify.com',
};

test('S12 shop, topic and key come from the headers', async () => {
  expect(await send(headers)).toEqual(
    oneEvent({
      dedupeKey: 'orders/create:98880550',
      eventType: 'orders/create',
      account: 'one.myshopify.com',
    }),
  );
});

test('S16 one event under two topics is two webhooks', async () => {
  expect(await send({ ...headers, 'X-Shopify-Topic': 'orders/paid' })).toEqual(
    oneEvent({ dedupeKey: 'orders/paid:98880550' }),
  );
});

test('headers without X- are good too', async () => {
  const bare = Object.entries(headers).map(([name, value]) => [name.slice(2), value]);
  expect(await send(Object.fromEntries(bare) as Record<string, string>)).toEqual(
    oneEvent({ dedupeKey: 'orders/create:98880550', account: 'one.myshopify.com' }),
  );
});

test('without an event id the body is the key, and without a shop there is no account', async () => {
  expect(await send({ 'X-Shopify-Hmac-Sha256': signature })).toEqual(
    oneEvent({
      dedupeKey: expect.stringMatching(/^body-sha256:/) as string,
      eventType: null,
      account: null,
    }),
  );
});
