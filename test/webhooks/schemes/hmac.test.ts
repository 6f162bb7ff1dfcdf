import { createHmac } from 'node:crypto';
import type { HmacScheme } from '../../../src/providers/webhook-declaration';
import { verifyWebhook } from '../../../src/webhooks/verify';
import { nowMs, oneEvent, webhook } from '../requests';

const plain: HmacScheme = {
  scheme: 'hmac',
  header: 'X-Signature',
  algorithm: 'sha256',
  encoding: 'hex',
};
const rfc4231 = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';

const full: HmacScheme = {
  scheme: 'hmac',
  header: 'X-Signature',
  algorithm: 'sha512',
  encoding: 'base64',
  prefix: 'v0=',
  signed: 'v0:{id}:{timestamp}:{body}',
  timestampHeader: 'X-Time',
  toleranceSeconds: 60,
  dedupeHeader: 'X-Event-Id',
  eventHeader: 'X-Event',
};
const body = '{"a":1}';
const fullSignature = `v0=${createHmac('sha512', 'k').update(`v0:evt_1:1614265330:${body}`).digest('base64')}`;

function fullRequest(changed: Record<string, string> = {}, at = nowMs) {
  const headers = {
    'x-signature': fullSignature,
    'x-time': '1614265330',
    'x-event-id': 'evt_1',
    'x-event': 'contact.created',
    ...changed,
  };
  return webhook(Object.entries(headers), body, at);
}

function without(option: 'toleranceSeconds' | 'timestampHeader'): HmacScheme {
  const declaration = { ...full };
  Reflect.deleteProperty(declaration, option);
  return declaration;
}

test('S12 RFC 4231 case 2 verifies, in capitals too; without a dedupe header there is no key', async () => {
  for (const value of [rfc4231, rfc4231.toUpperCase()]) {
    const request = webhook([['x-signature', value]], 'what do ya want for nothing?');
    expect(await verifyWebhook(plain, request, ['Jefe'])).toEqual(
      oneEvent({
        dedupeKey: null,
        eventType: null,
      }),
    );
  }
});

test('S12 Stripe signs what can be declared: time and body', async () => {
  const stripe: HmacScheme = {
    ...plain,
    prefix: 'v1=',
    signed: '{timestamp}.{body}',
    timestampHeader: 'x-time',
  };
  const request = webhook(
    [
      ['X-Signature', 'v1=3c5817089d739023dd6190f70a3757e04f7a2fd8b5dab12c2e000f51970dccff'],
      ['X-Time', '1614265330'],
    ],
    '{"id":"evt_test_webhook","object":"event"}',
  );
  expect(await verifyWebhook(stripe, request, ['whsec_test_secret'])).toMatchObject({ ok: true });
});

test('S12 every option at once: prefix, template, id, time, event', async () => {
  expect(await verifyWebhook(full, fullRequest(), ['k'])).toEqual(
    oneEvent({ dedupeKey: 'evt_1', eventType: 'contact.created' }),
  );
});

test.each([
  ['without the id that is signed', { 'x-event-id': '' }, 'missing_id'],
  ['without a time', { 'x-time': '' }, 'missing_timestamp'],
  ['with a time that is no number', { 'x-time': 'yesterday' }, 'malformed_timestamp'],
  ['with another time', { 'x-time': '1614265331' }, 'wrong_signature'],
  ['with another id', { 'x-event-id': 'evt_2' }, 'wrong_signature'],
  ['without the prefix', { 'x-signature': fullSignature.slice(3) }, 'malformed_signature'],
  ['with another prefix', { 'x-signature': `v1=${fullSignature.slice(3)}` }, 'malformed_signature'],
  ['in the other encoding', { 'x-signature': `v0=${'a'.repeat(128)}` }, 'malformed_signature'],
])('S12 refused: a request %s', async (_, changed, reason) => {
  expect(await verifyWebhook(full, fullRequest(changed), ['k'])).toEqual({ ok: false, reason });
});

test('S14 the declared tolerance counts, both ways; five minutes where none is declared', async () => {
  const at = (seconds: number) => fullRequest({}, nowMs + seconds * 1000);
  expect(await verifyWebhook(full, at(60), ['k'])).toMatchObject({ ok: true });
  expect(await verifyWebhook(full, at(61), ['k'])).toEqual({
    ok: false,
    reason: 'stale_timestamp',
  });
  expect(await verifyWebhook(full, at(-61), ['k'])).toEqual({
    ok: false,
    reason: 'future_timestamp',
  });
  const lax = without('toleranceSeconds');
  expect(await verifyWebhook(lax, at(300), ['k'])).toMatchObject({ ok: true });
  expect(await verifyWebhook(lax, at(301), ['k'])).toEqual({
    ok: false,
    reason: 'stale_timestamp',
  });
});

test('a time in the template without a header for it fails closed', async () => {
  const broken = without('timestampHeader');
  expect(await verifyWebhook(broken, fullRequest(), ['k'])).toEqual({
    ok: false,
    reason: 'missing_timestamp',
  });
});

test('a body that holds a placeholder is not filled in', async () => {
  const bytes = '{timestamp}{body}{id}';
  const value = createHmac('sha256', 'k').update(bytes).digest('hex');
  expect(await verifyWebhook(plain, webhook([['x-signature', value]], bytes), ['k'])).toMatchObject(
    {
      ok: true,
    },
  );
});

test.each(['body-sha256:00@1', 'item:0:key', 'sender:key'])(
  'a key that looks like one of ours can not stand for one: %s',
  async (key) => {
    const scheme: HmacScheme = { ...plain, dedupeHeader: 'x-id' };
    const value = createHmac('sha256', 'k').update(body).digest('hex');
    const forged = webhook(Object.entries({ 'x-signature': value, 'x-id': key }), body);
    expect(await verifyWebhook(scheme, forged, ['k'])).toEqual(
      oneEvent({ dedupeKey: `sender:${key}` }),
    );
  },
);

test('`none` lets everything in, and knows no repeat', async () => {
  const verified = await verifyWebhook({ scheme: 'none' }, webhook([], 'a'), []);
  expect(verified).toEqual(oneEvent({ dedupeKey: null }));
});
