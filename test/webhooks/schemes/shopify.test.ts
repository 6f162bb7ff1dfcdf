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
      dedupeKey: null,
      eventType: null,
      account: null,
    }),
  );
});

describe('what else the client secret signs is no webhook', () => {
  const post = (bytes: string, key = secret) => {
    const hmac = createHmac('sha256', secret).update(bytes).digest('base64');
    return verifyWebhook(scheme, webhook([['X-Shopify-Hmac-Sha256', hmac]], bytes), [key]);
  };

  test.each([
    ['the query of an OAuth redirect', 'code=0907a61c&shop=one.myshopify.com&timestamp=1337178173'],
    [
      'the parameters of an app proxy',
      'path_prefix=/apps/xshop=one.myshopify.comtimestamp=1337178173',
    ],
    ['a query that begins like a list', '[["=1&shop=one.myshopify.com&timestamp=1337178173'],
    ['a query shaped into a list', '["=&shop=one.myshopify.com&timestamp=1337178173&z="]'],
    ['… a list of objects', '[{"":"=shop=one.myshopify.comtimestamp=1337178173z="}]'],
    ['… an object', ' {"":"=shop=one.myshopify.comtimestamp=1337178173z="}'],
    ['… XML', '<?xml v="=1"?><a>shop=one.myshopify.comtimestamp=1337178173z=</a>'],
    ['a list of texts', '["a"]'],
    ['XML without an end', '<?xml version="1.0" encoding="UTF-8"?><shop/>&'],
    ['XML whose declaration has none', `<?xml version=${' '.repeat(100)}"1.0"?><shop/>`],
    ['a session token', 'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL29uZSJ9'],
    ['a JSON text', '"code"'],
    ['a number', '42'],
    ['null', 'null'],
    ['nothing', ''],
  ])('S12 %s is refused, and only once it is verified', async (_, bytes) => {
    expect(await post(bytes)).toEqual({ ok: false, reason: 'unexpected_body' });
    expect(await post(bytes, 'another')).toEqual({ ok: false, reason: 'wrong_signature' });
  });

  test.each([
    ...['{}', '[]', '[{"id":1},{}]', ' \n{"id":1}'],
    // An order says where its buyer came from.
    '{"id":1,"landing_site":"/apps/x?hmac=1&shop=one.myshopify.com&timestamp=1337178173&z=1"}',
    ...['<?xml version="1.0" encoding="UTF-8"?><shop/>', '<?xml version="1.0"?>\n<shop/>\n'],
  ])('%j is a webhook', async (bytes) => {
    expect(await post(bytes)).toMatchObject({ ok: true });
  });
});
