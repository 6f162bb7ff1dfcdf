import { createHmac } from 'node:crypto';
import { hubspot } from '../../../src/providers/built-in/hubspot';
import type { WebhookEvent } from '../../../src/webhooks/event';
import type { WebhookRequest } from '../../../src/webhooks/request';
import { verifyWebhook } from '../../../src/webhooks/verify';
import { address, nowMs, webhook } from '../requests';

const secret = 'client-secret';
const scheme = { scheme: 'hubspot', ...hubspot.webhook } as const;

/** @param signedUrl as HubSpot writes it before it signs */
function request(body: string, signedUrl = address, changed: Partial<WebhookRequest> = {}) {
  const signature = createHmac('sha256', secret)
    .update(`POST${signedUrl}${body}${String(nowMs)}`)
    .digest('base64');
  const headers: [string, string][] = [
    ['X-HubSpot-Request-Timestamp', String(nowMs)],
    ['X-HubSpot-Signature-v3', signature],
  ];
  return { ...webhook(headers, body), ...changed };
}

async function eventsOf(body: string): Promise<readonly WebhookEvent[]> {
  const verdict = await verifyWebhook(scheme, request(body), [secret]);
  return verdict.ok ? verdict.events : [];
}

const keyOf = async (event: string) => (await eventsOf(`[${event}]`))[0]?.dedupeKey;

const event = (more = '') =>
  `{"eventId":100,"subscriptionType":"contact.creation","portalId":62515,"objectId":123,` +
  `"occurredAt":1564113600000,"attemptNumber":0${more}}`;

test('S17 a batch for several accounts, with ids beyond 2^53, each event as its own bytes', async () => {
  const other = '{ "portalId": 9007199254740993 , "subscriptionType":"deal.creation" }';
  const events = await eventsOf(`[${event()},\n ${other}]`);
  expect(events.map(({ body }) => body.toString())).toEqual([event(), other]);
  expect(events.map(({ account }) => account)).toEqual(['62515', '9007199254740993']);
  expect(events.map(({ eventType }) => eventType)).toEqual(['contact.creation', 'deal.creation']);
});

test('S16 a retry has the same key, in whatever batch, order of members and spacing', async () => {
  const key = await keyOf(event());
  expect(key).toMatch(/^content-sha256:[0-9a-f]{64}$/);
  const retry = event().replace('"attemptNumber":0', '"attemptNumber":3');
  expect(await keyOf(retry)).toBe(key);
  expect((await eventsOf(`[{"objectId":1},${retry}]`))[1]?.dedupeKey).toBe(key);
  const reordered =
    `{ "attemptNumber": 2, "portalId": 62515, "eventId": 100, "objectId": 123,` +
    ` "occurredAt": 1564113600000, "subscriptionType": "contact.creation" }`;
  expect(await keyOf(reordered)).toBe(key);
});

test('S16 the same eventId is another event where anything else is another', async () => {
  const keys = [
    await keyOf(event()),
    await keyOf(event(',"propertyName":"a"')),
    await keyOf(event().replace('62515', '62516')),
    await keyOf(event().replace('1564113600000', '1564113600001')),
    await keyOf(event().replace('"objectId":123', '"objectId":9007199254740993')),
    await keyOf(event().replace('"objectId":123', '"objectId":9007199254740992')),
    await keyOf(event(',"a":11')),
    await keyOf(event(',"a1":1')),
    await keyOf(event(',"a":"1","b":2')),
    await keyOf(event(',"a":"1,\\"b\\":2"')),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});

test.each(['eventId', 'portalId', 'occurredAt'])(
  'without its %s an event is no repeat: another one could be alike in all the rest',
  async (name) => {
    expect(await keyOf(event().replace(`"${name}"`, '"other"'))).toBeNull();
  },
);

test('S12 the address is signed as the public one, and so is the method', async () => {
  const moved = request(event(), address, { url: 'http://10.0.0.1/webhooks/int_1' });
  expect(await verifyWebhook(scheme, moved, [secret])).toEqual({
    ok: false,
    reason: 'wrong_signature',
  });
  const put = request(event(), address, { method: 'PUT' });
  expect(await verifyWebhook(scheme, put, [secret])).toMatchObject({ ok: false });
});

test('S12 what HubSpot decodes in the address before it signs is decoded, and nothing else', async () => {
  const called = `${address}?a=%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B&b=%20%26%253A%C3%A9`;
  const signed = `${address}?a=:/?@!$'()*,;&b=%20%26%253A%C3%A9`;
  const good = request(event(), signed, { url: called });
  expect(await verifyWebhook(scheme, good, [secret])).toMatchObject({ ok: true });
});
