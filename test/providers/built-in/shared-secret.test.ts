import { createHmac } from 'node:crypto';
import { builtInNames, builtInProviders, type BuiltInName } from '../../../src/providers/built-in';
import { verifyWebhook } from '../../../src/webhooks/verify';
import { nowMs, webhook } from '../../webhooks/requests';
import { signers } from '../../webhooks/signers';

const clientSecret = 'secret-of-the-client';
const client = { clientId: 'app', clientSecret };

/** Its client secret has other uses: what the vendor signs with it elsewhere must not pass for a webhook. */
const signsWithClientSecret = (name: BuiltInName) =>
  builtInProviders({ [name]: { client } })[name]?.webhook?.secrets?.includes(clientSecret) === true;
const shared = builtInNames.filter(signsWithClientSecret);

const signedElsewhere = [
  'code=0907a61c&host=YWRt&shop=one.myshopify.com&state=1&timestamp=1337178173',
  'path_prefix=/apps/xshop=one.myshopify.comtimestamp=1337178173',
  'eyJhbGciOiJIUzI1NiJ9.eyJkZXN0IjoiaHR0cHM6Ly9vbmUifQ',
  `GEThttps://app.example/card?portalId=33${String(nowMs)}`,
];

test('there are such, and each is looked at below', () => {
  expect(shared).toEqual(['hubspot', 'shopify']);
});

test.each(shared.flatMap((name) => signedElsewhere.map((text) => [name, text] as const)))(
  'S12 at %s, %j is no webhook, though the client secret signs it',
  async (name, text) => {
    const { webhook: declaration } = builtInProviders({ [name]: { client } })[name] ?? {};
    const signer = signers.find((one) => one.declaration.scheme === declaration?.scheme);
    const time: [string, string][] =
      signer?.timestamp?.header === undefined ? [] : [[signer.timestamp.header, String(nowMs)]];
    for (const encoding of ['base64', 'hex'] as const) {
      const signature = createHmac('sha256', clientSecret).update(text).digest(encoding);
      const headers = [...time, [signer?.signatureHeader ?? '', signature] as const];
      for (const body of [text, text.slice(0, -String(nowMs).length)]) {
        const verdict = await verifyWebhook(declaration, webhook(headers, body), [clientSecret]);
        expect(verdict).toMatchObject({ ok: false });
      }
    }
  },
);
