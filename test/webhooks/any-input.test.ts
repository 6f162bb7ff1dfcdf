import fc from 'fast-check';
import { verifyWebhook } from '../../src/webhooks/verify';
import { nowMs, webhook } from './requests';
import { signers, type Signer } from './signers';

const bytes = fc.uint8Array({ maxLength: 300 });
const stamp = ({ timestamp }: Signer) => String(nowMs / (timestamp?.unitMs ?? 1000));
const values = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom(
    ...[
      '',
      '1614265330',
      '1614265330000',
      'v1,',
      'v1,=',
      'v1a,',
      'v0=',
      'sha256=',
      't=,v1=',
      '\ud800',
    ],
    ...[
      ','.repeat(9000),
      'v1,A '.repeat(3000),
      't=1614265330,v1='.repeat(900),
      'v1=,'.repeat(4000),
    ],
  ),
);
/** JSON and what nearly is, with the names that are looked for. */
const texts = fc.oneof(
  fc.json(),
  fc.constantFrom(
    ...[
      'null',
      '[]',
      '[[]]',
      '[null,1,"a"]',
      '{"events":{"length":2}}',
      '{"events":[]}',
      '{"',
      '[{"a":',
    ],
    ...[
      '{"type":"url_verification"}',
      'ssl_check=1',
      'payload={"team"',
      'payload=%ff&team_id=%00',
      '=',
    ],
    ...['{"message":{"data":"e30="}}', '{"message":{"data":7,"messageId":[]}}', '['.repeat(50_000)],
    ...['{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000), '{"\\ud800":1,"attemptNumber":2}'],
  ),
);
const bodies = fc.oneof(
  bytes.map((raw) => Buffer.from(raw)),
  texts.map((text) => Buffer.from(text)),
  fc.tuple(texts, bytes).map(([text, raw]) => Buffer.concat([Buffer.from(text), raw])),
);
const isObject = (json: unknown) =>
  typeof json === 'object' && json !== null && !Array.isArray(json);
const isObjectOrObjects = (body: Buffer) => {
  try {
    const json: unknown = JSON.parse(body.toString());
    return Array.isArray(json) ? json.every(isObject) : isObject(json);
  } catch {
    return false;
  }
};
const pointers = fc.constantFrom('', '/events', '/a', '/0', '/message/data', '/~0~1', '/__proto__');

describe.each(signers)('$name', (signer) => {
  const [secret] = signer.secrets;

  test('S13 any bytes verify as sent, whatever is looked for in them', async () => {
    const declared = fc.record(
      {
        eventsPointer: pointers,
        accountPointer: pointers,
        eventTypePointer: pointers,
        accountHeader: fc.constantFrom(signer.signatureHeader, 'x-none'),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(bodies, declared, async (body, more) => {
        const request = webhook(signer.sign(secret, body, stamp(signer)), body);
        const verdict = await verifyWebhook({ ...signer.declaration, ...more }, request, [secret]);
        if (!verdict.ok) {
          // Shopify signs other things with the same secret.
          expect([signer.name, verdict.reason]).toEqual(['shopify', 'unexpected_body']);
          expect(isObjectOrObjects(body)).toBe(false);
          return;
        }
        expect(verdict.events.length > 0).toBe(verdict.handshake === null);
      }),
      { numRuns: 200 },
    );
  });

  test('S12 one changed bit anywhere never verifies', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.nat(), fc.nat(7), async (raw, place, bit) => {
        const headers = signer.sign(secret, raw, stamp(signer));
        const signature = Buffer.from(headers.at(-1)?.[1] ?? '', 'latin1');
        const all = Buffer.concat([raw, signature]);
        const index = place % all.length;
        all.writeUInt8(all.readUInt8(index) ^ (1 << bit), index);
        const changed = all.subarray(raw.length).toString('latin1');
        const request = webhook(
          headers.map(([name, value], at) => [name, at === headers.length - 1 ? changed : value]),
          all.subarray(0, raw.length),
        );
        const verdict = await verifyWebhook(signer.declaration, request, [secret]);
        expect(verdict).toMatchObject({ ok: false });
      }),
      { numRuns: 200 },
    );
  });

  test('S12 junk in the headers is refused, never an error', async () => {
    const names = fc.constantFrom(
      ...signer.sign(secret, Buffer.alloc(0), '1').map(([name]) => name),
      ...[signer.signatureHeader.toUpperCase(), 'x-shopify-event-id', '', '__proto__'],
    );
    const junk = fc.array(fc.tuple(names, values), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(junk, bodies, async (headers, body) => {
        const request = webhook(headers, body);
        const verdict = await verifyWebhook(signer.declaration, request, [secret, 'whpk_A', '']);
        expect(verdict).toMatchObject({ ok: false });
      }),
      { numRuns: 300 },
    );
  });
});
