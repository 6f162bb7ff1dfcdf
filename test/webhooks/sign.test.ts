import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { signStandardWebhook } from '../../src/webhooks/signature';
import { verifyWebhook } from '../../src/webhooks/verify';
import { secret } from '../handlers/deliveries';

const other = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const now = new Date(1_614_265_330_000);

test('the published vector comes out', () => {
  const body = Buffer.from('{"test": 2432232314}');
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
  expect(signStandardWebhook({ id, body, secrets: [secret], now })).toEqual({
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('the official verifier takes it with either secret', () => {
  const body = Buffer.from('{"name":"Zoë"}');
  const headers = signStandardWebhook({
    id: 'dlv_1',
    body,
    secrets: [secret, other],
    now: new Date(),
  });
  for (const key of [secret, other]) {
    expect(new Webhook(key).verify(body, headers)).toEqual({ name: 'Zoë' });
  }
});

test('any bytes that are signed here verify here', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const body = Buffer.from(bytes);
      const headers = signStandardWebhook({ id: 'dlv_1', body, secrets: [secret], now });
      const request = {
        method: 'POST',
        url: 'https://app.example/',
        rawHeaders: Object.entries(headers).flat(),
        body,
        nowMs: now.getTime(),
      };
      const verdict = await verifyWebhook({ scheme: 'standard-webhooks' }, request, [secret]);
      expect(verdict).toMatchObject({ ok: true, events: [{ dedupeKey: 'dlv_1' }] });
    }),
  );
});

test('nothing is signed without a usable secret, and the error does not tell the secret', () => {
  const message = { id: 'dlv_1', body: Buffer.from(''), now };
  expect(() => signStandardWebhook({ ...message, secrets: [] })).toThrow('no secret to sign with');
  const sign = () => signStandardWebhook({ ...message, secrets: [secret, 'whsec_s3cret!'] });
  expect(sign).toThrow('not whsec_');
  expect(sign).not.toThrow('s3cret');
});
