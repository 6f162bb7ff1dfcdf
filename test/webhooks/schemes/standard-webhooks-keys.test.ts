import { generateKeyPairSync, sign } from 'node:crypto';
import { Webhook } from 'svix';
import { verifyWebhook } from '../../../src/webhooks/verify';
import { nowMs, webhook } from '../requests';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const whpk = `whpk_${publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')}`;
const whsec = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const body = '{"type":"a"}';
const content = Buffer.from(`msg_1.1614265330.${body}`);
const byKey = `v1a,${sign(null, content, privateKey).toString('base64')}`;
const bySecret = new Webhook(whsec).sign('msg_1', new Date(nowMs), body);
const wrongKey = `v1a,${'A'.repeat(86)}==`;
const wrongSecret = `v1,${'A'.repeat(43)}=`;

async function verdict(signature: string, secrets: string[]): Promise<string> {
  const headers: [string, string][] = [
    ['webhook-id', 'msg_1'],
    ['webhook-timestamp', '1614265330'],
    ['webhook-signature', signature],
  ];
  const result = await verifyWebhook(
    { scheme: 'standard-webhooks' },
    webhook(headers, body),
    secrets,
  );
  return result.ok ? 'verified' : result.reason;
}

test.each([
  ['Svix signs with a secret', bySecret, [whsec], 'verified'],
  ['a key', byKey, [whpk], 'verified'],
  ['a key, beside a secret', byKey, [whsec, whpk], 'verified'],
  ['a secret, beside a key', bySecret, [whpk, whsec], 'verified'],
  ['both, known by the key', `${wrongSecret} ${byKey}`, [whpk], 'verified'],
  ['both, one of them wrong', `${wrongSecret} ${byKey}`, [whsec, whpk], 'verified'],
  ['a wrong key', wrongKey, [whpk], 'wrong_signature'],
  ['a wrong key, beside a secret', wrongKey, [whsec, whpk], 'wrong_signature'],
  ['a wrong secret, beside a key', wrongSecret, [whsec, whpk], 'wrong_signature'],
  ['a secret where only a key is known', bySecret, [whpk], 'malformed_signature'],
  ['a key where only a secret is known', byKey, [whsec], 'malformed_signature'],
  ['a key that is none', byKey, ['whpk_AAAA'], 'no_secret'],
  ['a key as if it were a secret', byKey, [whpk.replace('whpk', 'whsec')], 'malformed_signature'],
])('S15 signed with %s', async (_, signature, secrets, outcome) => {
  expect(await verdict(signature, secrets)).toBe(outcome);
});

test('S12 a public key is no secret: nobody signs with it', async () => {
  const raw = whpk.slice('whpk_'.length);
  const forged = new Webhook(`whsec_${raw}`).sign('msg_1', new Date(nowMs), body);
  expect(await verdict(forged, [whpk])).toBe('malformed_signature');
});

test('of thousands of signatures only the first are looked at', async () => {
  expect(await verdict(`${`${wrongKey} `.repeat(19)}${byKey}`, [whpk])).toBe('verified');
  expect(await verdict(`${`${wrongKey} `.repeat(20)}${byKey}`, [whpk])).toBe('wrong_signature');
});

test('S12 another text that decodes to the same signature is refused', async () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const last = byKey.at(-3) ?? '';
  const sibling = `${byKey.slice(0, -3)}${alphabet[alphabet.indexOf(last) + 1] ?? ''}==`;
  const decoded = [byKey, sibling].map((text) => Buffer.from(text.slice(4), 'base64'));
  expect(decoded[1]).toEqual(decoded[0]);
  expect(await verdict(sibling, [whpk])).toBe('malformed_signature');
});
