import { sign } from '@octokit/webhooks-methods';
import { verifyWebhook } from '../../../src/webhooks/verify';
import { oneEvent, webhook } from '../requests';

const secret = "It's a Secret to Everybody";
const body = 'Hello, World!';
const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
const scheme = { scheme: 'github' } as const;

const verify = (value: string, secrets = [secret], bytes = body) =>
  verifyWebhook(scheme, webhook([['X-Hub-Signature-256', value]], bytes), secrets);

test('S12 the vector of the documentation verifies; without a delivery id there is no key', async () => {
  expect(await verify(signature)).toEqual(
    oneEvent({
      dedupeKey: null,
      eventType: null,
    }),
  );
});

test('S12 what the official signer signs verifies, with its delivery id and event', async () => {
  const bytes = '{"action":"opened","title":"Zoë \\u00e9"}';
  const request = webhook(
    [
      ['x-hub-signature-256', await sign(secret, bytes)],
      ['X-GitHub-Delivery', '72d3162e-cc78-11e3-81ab-4c9367dc0958'],
      ['X-GitHub-Event', 'issues'],
    ],
    bytes,
  );
  expect(await verifyWebhook(scheme, request, [secret])).toEqual(
    oneEvent({ dedupeKey: '72d3162e-cc78-11e3-81ab-4c9367dc0958', eventType: 'issues' }),
  );
});

test.each([
  ['without its prefix', signature.slice(7), 'malformed_signature'],
  ['of another algorithm', `sha1=${'0'.repeat(40)}`, 'malformed_signature'],
  ['that is short', signature.slice(0, -2), 'malformed_signature'],
  ['that is no hexadecimal', `sha256=${'z'.repeat(64)}`, 'malformed_signature'],
  ['that is wrong', `sha256=${'0'.repeat(64)}`, 'wrong_signature'],
  ['that is empty', '', 'missing_signature'],
])('S12 refused: a signature %s', async (_, value, reason) => {
  expect(await verify(value)).toEqual({ ok: false, reason });
});

test('S15 during a rotation either secret passes', async () => {
  expect(await verify(signature, ['the new one', secret])).toMatchObject({ ok: true });
  expect(await verify(signature, ['the new one'])).toEqual({
    ok: false,
    reason: 'wrong_signature',
  });
});

test('S12 an empty secret is none', async () => {
  expect(await verify(signature, [''])).toEqual({ ok: false, reason: 'no_secret' });
});
