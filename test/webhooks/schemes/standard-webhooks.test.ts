import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { verifyWebhook } from '../../../src/webhooks/verify';
import { nowMs, oneEvent, webhook } from '../requests';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const otherSecret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const body = '{"test": 2432232314}';
const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const scheme = { scheme: 'standard-webhooks' } as const;

function headers(changed: Record<string, string | undefined> = {}): [string, string][] {
  const all: Record<string, string | undefined> = {
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': signature,
    ...changed,
  };
  return Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  );
}

const verify = (changed = {}, secrets: string[] = [secret], at = nowMs, bytes = body) =>
  verifyWebhook(scheme, webhook(headers(changed), bytes, at), secrets);

/** Signs bytes as they are; the official signer first turns them into UTF-8. */
function signBytes(timestamp: string, bytes: Uint8Array): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const digest = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(bytes);
  return `v1,${digest.digest('base64')}`;
}

test('S12 the published vector verifies, and its id is the dedupe key', async () => {
  expect(await verify()).toEqual(oneEvent({ dedupeKey: id, eventType: null }));
});

test('S12 what the official signer signs verifies, with the event type of its body', async () => {
  const bytes = '{"type":"contact.created","data":{"name":"Zoë"}}';
  const signed = new Webhook(otherSecret).sign(id, new Date(nowMs), bytes);
  expect(await verify({ 'webhook-signature': signed }, [otherSecret], nowMs, bytes)).toEqual(
    oneEvent({ dedupeKey: id, eventType: 'contact.created' }),
  );
});

test.each([
  ['a list', '{"type":["a"]}'],
  ['empty', '{"type":""}'],
  ['inherited', '{}'],
  ['inside a list', '["type"]'],
  ['in no object', 'null'],
])('an event type that is %s is none', async (_, bytes) => {
  const changed = { 'webhook-signature': signBytes('1614265330', Buffer.from(bytes)) };
  expect(await verify(changed, [secret], nowMs, bytes)).toEqual(oneEvent({ eventType: null }));
});

test('S13 an id beyond ASCII is signed as the bytes on the wire', async () => {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const wire = Buffer.from('Zoë');
  const digest = createHmac('sha256', key).update(wire).update(`.1614265330.${body}`);
  const changed = {
    'webhook-id': wire.toString('latin1'),
    'webhook-signature': `v1,${digest.digest('base64')}`,
  };
  expect(await verify(changed)).toMatchObject({ ok: true });
});

test.each([
  ['is missing', { 'webhook-signature': undefined }, 'missing_signature'],
  ['is empty', { 'webhook-signature': '' }, 'missing_signature'],
  ['is short', { 'webhook-signature': signature.slice(0, -4) }, 'malformed_signature'],
  ['has no version', { 'webhook-signature': signature.slice(3) }, 'malformed_signature'],
  ['is no Base64', { 'webhook-signature': `v1,${'!'.repeat(44)}` }, 'malformed_signature'],
  ['is of another version only', { 'webhook-signature': 'v1a,AAAA' }, 'malformed_signature'],
  ['is wrong', { 'webhook-signature': `v1,${'A'.repeat(43)}=` }, 'wrong_signature'],
  ['is of another id', { 'webhook-id': 'msg_other' }, 'wrong_signature'],
  ['is of another time', { 'webhook-timestamp': '1614265331' }, 'wrong_signature'],
  ['has no id', { 'webhook-id': undefined }, 'missing_id'],
  ['has no time', { 'webhook-timestamp': undefined }, 'missing_timestamp'],
])('S12 refused where the signature %s', async (_, changed, reason) => {
  expect(await verify(changed)).toEqual({ ok: false, reason });
});

test.each([
  ['there is none', []],
  ['it is empty', ['']],
  ['it has no key in it', ['whsec_']],
  ['it is no Base64', ['whsec_not base64!']],
])('S12 refused without a secret: %s', async (_, secrets) => {
  expect(await verify({}, secrets)).toEqual({ ok: false, reason: 'no_secret' });
});

test('S12 an empty key verifies nothing, although anyone can sign with it', async () => {
  const digest = createHmac('sha256', '').update(`${id}.1614265330.${body}`).digest('base64');
  expect(await verify({ 'webhook-signature': `v1,${digest}` }, ['whsec_'])).toEqual({
    ok: false,
    reason: 'no_secret',
  });
});

test('S12 a header that is there twice is refused, right or wrong', async () => {
  for (const [name, value] of headers()) {
    const doubled = webhook([...headers(), [name.toUpperCase(), value]], body);
    expect(await verifyWebhook(scheme, doubled, [secret])).toMatchObject({ ok: false });
  }
});

test('S13 bytes that are not UTF-8, with odd spacing and escapes, verify as sent', async () => {
  const bytes = Buffer.concat([
    Buffer.from('{ "a" :\t"\\u0041\\u00e9"}\r\n'),
    Buffer.from([0xff, 0, 0x80]),
  ]);
  const signed = headers({ 'webhook-signature': signBytes('1614265330', bytes) });
  expect(await verifyWebhook(scheme, webhook(signed, bytes), [secret])).toMatchObject({ ok: true });
  const reencoded = Buffer.from(bytes.toString('utf8'));
  expect(await verifyWebhook(scheme, webhook(signed, reencoded), [secret])).toEqual({
    ok: false,
    reason: 'wrong_signature',
  });
});

test.each([
  ['at the tolerance', 300, true],
  ['at the tolerance, ahead', -300, true],
  ['too old', 301, 'stale_timestamp'],
  ['too far ahead', -301, 'future_timestamp'],
])('S14 a timestamp %s', async (_, ageSeconds, outcome) => {
  const verdict = await verify({}, [secret], nowMs + ageSeconds * 1000);
  expect(verdict.ok ? true : verdict.reason).toBe(outcome);
});

test.each([
  '1614265330abc',
  '0x6037a1f2',
  '1.614265330e9',
  '+1614265330',
  '-1',
  ' 1614265330',
  '١٦١٤٢٦٥٣٣٠',
  '1'.repeat(400),
])('S14 the timestamp %j is refused, though signed', async (timestamp) => {
  const signed = signBytes(timestamp, Buffer.from(body));
  const changed = { 'webhook-timestamp': timestamp, 'webhook-signature': signed };
  expect(await verify(changed)).toEqual({ ok: false, reason: 'malformed_timestamp' });
});

test('S15 during a rotation either secret passes, wherever it stands', async () => {
  expect(await verify({}, [otherSecret, secret])).toMatchObject({ ok: true });
  expect(await verify({}, [secret, otherSecret])).toMatchObject({ ok: true });
  expect(await verify({}, ['unusable!', secret])).toMatchObject({ ok: true });
  expect(await verify({}, [otherSecret])).toEqual({ ok: false, reason: 'wrong_signature' });
});

test('S15 a sender that signs with two secrets passes with either of them', async () => {
  const both = `v1a,AAAA ${new Webhook(otherSecret).sign(id, new Date(nowMs), body)} ${signature}`;
  expect(await verify({ 'webhook-signature': both }, [secret])).toMatchObject({ ok: true });
  expect(await verify({ 'webhook-signature': both }, [otherSecret])).toMatchObject({ ok: true });
});
