import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import type { WebhookDeclaration } from '../../src/providers/webhook-declaration';
import { verifyWebhook } from '../../src/webhooks/verify';
import { webhook } from './requests';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
const time = '1614265330';

const hmac: WebhookDeclaration = {
  scheme: 'hmac',
  header: 'x-signature',
  algorithm: 'sha1',
  encoding: 'base64',
  signed: '{id}.{timestamp}.{body}',
  timestampHeader: 'x-time',
  dedupeHeader: 'x-id',
  eventHeader: 'x-event',
};

/** Each scheme with a signer of its own. */
const signers: [WebhookDeclaration, (body: Buffer) => [string, string][]][] = [
  [
    { scheme: 'standard-webhooks' },
    (body) => [
      ['webhook-id', 'msg_1'],
      ['webhook-timestamp', time],
      [
        'webhook-signature',
        `v1,${createHmac('sha256', key).update(`msg_1.${time}.`).update(body).digest('base64')}`,
      ],
    ],
  ],
  [
    { scheme: 'github' },
    (body) => [
      ['x-hub-signature-256', `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`],
    ],
  ],
  [
    hmac,
    (body) => [
      ['x-id', '1'],
      ['x-time', time],
      [
        'x-signature',
        createHmac('sha1', secret).update(`1.${time}.`).update(body).digest('base64'),
      ],
    ],
  ],
];

const bytes = fc.uint8Array({ maxLength: 300 });
const names = fc.constantFrom(
  ...['webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-hub-signature-256'],
  ...['x-github-delivery', 'x-signature', 'x-time', 'x-id', 'x-event', '', '__proto__'],
);
const values = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom(
    '',
    time,
    'v1,',
    'v1,=',
    'sha256=',
    ','.repeat(9000),
    'v1,A '.repeat(3000),
    '\ud800',
  ),
);

test.each(signers)('S13 any bytes verify as sent ($scheme)', async (declaration, sign) => {
  await fc.assert(
    fc.asyncProperty(bytes, async (raw) => {
      const body = Buffer.from(raw);
      const verdict = await verifyWebhook(declaration, webhook(sign(body), body), [secret]);
      expect(verdict.ok).toBe(true);
    }),
  );
});

test.each(signers)(
  'S12 one changed bit anywhere never verifies ($scheme)',
  async (declaration, sign) => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.nat(), fc.nat(7), async (raw, place, bit) => {
        const headers = sign(Buffer.from(raw));
        const signature = Buffer.from(headers.at(-1)?.[1] ?? '', 'latin1');
        const all = Buffer.concat([raw, signature]);
        const index = place % all.length;
        all.writeUInt8(all.readUInt8(index) ^ (1 << bit), index);
        const changed = all.subarray(raw.length).toString('latin1');
        const request = webhook(
          headers.map(([name, value], at) => [name, at === headers.length - 1 ? changed : value]),
          all.subarray(0, raw.length),
        );
        expect(await verifyWebhook(declaration, request, [secret])).toMatchObject({ ok: false });
      }),
      { numRuns: 300 },
    );
  },
);

test.each(signers)(
  'S12 junk in the headers is refused, never an error ($scheme)',
  async (declaration) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(names, values), { maxLength: 8 }),
        bytes,
        async (headers, raw) => {
          const request = webhook(headers, raw);
          expect(await verifyWebhook(declaration, request, [secret])).toMatchObject({ ok: false });
        },
      ),
      { numRuns: 500 },
    );
  },
);
