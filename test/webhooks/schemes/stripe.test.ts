import Stripe from 'stripe';
import { stripe } from '../../../src/providers/built-in/stripe';
import { verifyWebhook } from '../../../src/webhooks/verify';
import { nowMs, oneEvent, webhook } from '../requests';

const secret = 'whsec_test_secret';
const vector = 'v1=3c5817089d739023dd6190f70a3757e04f7a2fd8b5dab12c2e000f51970dccff';
const body = '{"id":"evt_test_webhook","object":"event"}';
const scheme = { scheme: 'stripe', ...stripe.webhook } as const;

const verify = (header: string, bytes = body, secrets = [secret], at = nowMs) =>
  verifyWebhook(scheme, webhook([['Stripe-Signature', header]], bytes, at), secrets);

test('S12 the published vector verifies, and the event’s id is the key', async () => {
  expect(await verify(`t=1614265330,${vector}`)).toEqual(
    oneEvent({ dedupeKey: 'evt_test_webhook', eventType: null, account: null }),
  );
});

test('S12 what the official library signs verifies, with type and connected account', async () => {
  const payload = '{"id":"evt_1","type":"charge.failed","account":"acct_9","data":{"n":"Zoë"}}';
  const header = Stripe.webhooks.generateTestHeaderString({
    payload,
    secret,
    timestamp: 1614265330,
  });
  expect(await verify(header, payload)).toEqual(
    oneEvent({ dedupeKey: 'evt_1', eventType: 'charge.failed', account: 'acct_9' }),
  );
});

test('S12 what verifies here does so in the official library', async () => {
  const header = `t=1614265330,${vector}`;
  expect(await verify(header)).toMatchObject({ ok: true });
  const event = Stripe.webhooks.constructEvent(body, header, secret, 300, undefined, nowMs / 1000);
  expect(event.id).toBe('evt_test_webhook');
});

test.each([
  ['acct_7', 'acct_7'],
  ['acct_1/acct_7', 'acct_7'],
  ['org_1/acct_1/acct_7', 'acct_7'],
])('S17 a thin event whose context is %s is of the account %s', async (context, account) => {
  const payload = `{"id":"evt_2","object":"v2.core.event","type":"v1.x","context":"${context}"}`;
  const header = Stripe.webhooks.generateTestHeaderString({
    payload,
    secret,
    timestamp: 1614265330,
  });
  expect(await verify(header, payload)).toEqual(oneEvent({ account }));
});

test('S15 one of several v1 is enough; v0 counts for nothing', async () => {
  const wrong = `v1=${'0'.repeat(64)}`;
  expect(await verify(`t=1614265330,${wrong},${vector},v0=${'0'.repeat(64)}`)).toMatchObject({
    ok: true,
  });
  expect(await verify(`t=1614265330,${vector.replace('v1', 'v0')}`)).toEqual({
    ok: false,
    reason: 'missing_signature',
  });
});

test('of thousands of signatures only the first are looked at', async () => {
  const wrong = `v1=${'0'.repeat(64)}`;
  const header = (before: number) => `t=1614265330,${`${wrong},`.repeat(before)}${vector}`;
  expect(await verify(header(18))).toMatchObject({ ok: true });
  expect(await verify(header(19))).toEqual({ ok: false, reason: 'wrong_signature' });
});

test.each([
  ['without a time', vector, 'missing_timestamp'],
  ['with two times', `t=1614265330,t=1614265330,${vector}`, 'malformed_timestamp'],
  ['with an empty time', `t=,${vector}`, 'malformed_timestamp'],
  ['with another time', `t=1614265331,${vector}`, 'wrong_signature'],
  ['without a signature', 't=1614265330', 'missing_signature'],
])('S14 refused: a header %s', async (_, header, reason) => {
  expect(await verify(header)).toEqual({ ok: false, reason });
});

test('S14 a day ahead is refused, which the official library lets through', async () => {
  const tomorrow = nowMs / 1000 + 86_400;
  const header = Stripe.webhooks.generateTestHeaderString({
    payload: body,
    secret,
    timestamp: tomorrow,
  });
  expect(
    Stripe.webhooks.constructEvent(body, header, secret, 300, undefined, nowMs / 1000).id,
  ).toBe('evt_test_webhook');
  expect(await verify(header)).toEqual({ ok: false, reason: 'future_timestamp' });
});
