import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import type { WebhookDeclaration } from '../../src/providers/webhook-declaration';
import { signedPieces } from '../../src/webhooks/signed-id';
import { verifyWebhook } from '../../src/webhooks/verify';
import { nowMs, webhook } from './requests';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const now = String(nowMs / 1000);
const soon = String(nowMs / 1000 + 60);

interface Parts {
  id: string;
  timestamp: string;
  body: string;
}

const named = { '{id}': 'id', '{timestamp}': 'timestamp', '{body}': 'body' } as const;
const isName = (piece: string): piece is keyof typeof named => Object.hasOwn(named, piece);

/** What a sender signs by such a template: `standard-webhooks` is one with names of its own. */
function sender(template: string, scheme: 'hmac' | 'standard-webhooks') {
  const pieces = signedPieces(template);
  const text = (parts: Parts) =>
    pieces.map((piece) => (isName(piece) ? parts[named[piece]] : piece)).join('');
  const isHmac = scheme === 'hmac';
  const key = isHmac ? secret : Buffer.from(secret.slice('whsec_'.length), 'base64');
  const declaration: WebhookDeclaration = isHmac
    ? {
        ...{ scheme, header: 'x-sig', algorithm: 'sha256', encoding: 'base64', signed: template },
        ...{ dedupeHeader: 'x-id' },
        ...(template.includes('{timestamp}') ? { timestampHeader: 'x-time' } : {}),
      }
    : { scheme };
  const names = isHmac
    ? (['x-sig', 'x-id', 'x-time'] as const)
    : (['webhook-signature', 'webhook-id', 'webhook-timestamp'] as const);
  const sign = (parts: Parts) =>
    (isHmac ? '' : 'v1,') + createHmac('sha256', key).update(text(parts)).digest('base64');
  const takes = async (signature: string, { id, timestamp, body }: Parts) => {
    const values = [signature, id, timestamp];
    const headers = names.map((name, at): [string, string] => [name, values[at] ?? '']);
    return (await verifyWebhook(declaration, webhook(headers, body), [secret])).ok;
  };
  return { pieces, text, sign, takes };
}

/** Every way in which a text can be read by such a template. */
function readings(pieces: readonly string[], text: string, read: Parts): Parts[] {
  const [piece, ...rest] = pieces;
  if (piece === undefined) return text === '' ? [read] : [];
  if (!isName(piece)) {
    return text.startsWith(piece) ? readings(rest, text.slice(piece.length), read) : [];
  }
  return Array.from({ length: text.length + 1 }, (_, length) =>
    readings(rest, text.slice(length), { ...read, [named[piece]]: text.slice(0, length) }),
  ).flat();
}

const tricky = fc
  .array(fc.constantFrom('a', '0', '.', '..', ':', `.${now}.`, `${soon}.`, now), { maxLength: 4 })
  .map((parts) => parts.join(''));

test.each([
  ['{id}.{body}', 'hmac'],
  ['{body}.{id}', 'hmac'],
  ['v0:{id}..{body}', 'hmac'],
  ['{body}..{id}..', 'hmac'],
  ['{timestamp}.{id}.{body}', 'hmac'],
  ['{id}.{timestamp}.{body}', 'hmac'],
  ['{id}.{timestamp}{body}', 'hmac'],
  ['{body}.{timestamp}.{id}', 'hmac'],
  ['{body}.{id}.{timestamp}', 'hmac'],
  ['{body}{timestamp}', 'hmac'],
  ['{timestamp}{body}', 'hmac'],
  ['{id}.{timestamp}.{body}', 'standard-webhooks'],
] as const)(
  'S12 %s by %s: what a sender signed is read in no other way',
  async (template, scheme) => {
    const { pieces, text, sign, takes } = sender(template, scheme);
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(tricky, tricky, async (id, body) => {
        const sent = { id, body, timestamp: now };
        const signature = sign(sent);
        fc.pre(id !== '' && (await takes(signature, sent)));
        taken++;
        for (const other of readings(pieces, text(sent), sent)) {
          if (other.id === id && other.body === body) continue;
          expect([other, await takes(signature, other)]).toEqual([other, false]);
        }
      }),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(20);
  },
);

test.each([
  ['{id}.{body}', 'a.b'],
  ['{body}.{id}', 'a.b'],
  ['{timestamp}.{id}.{body}', 'a.b'],
  ['{id}..{body}', 'a.'],
  ['{id}.{timestamp}.{body}', `a.${now}`],
])('S12 with %s the id %s is refused, though signed', async (signed, id) => {
  const { sign } = sender(signed, 'hmac');
  const parts = { id, timestamp: now, body: '{}' };
  const headers = { 'x-sig': sign(parts), 'x-id': id, 'x-time': now };
  const declaration: WebhookDeclaration = {
    ...{ scheme: 'hmac', header: 'x-sig', algorithm: 'sha256', encoding: 'base64', signed },
    ...{ dedupeHeader: 'x-id', timestampHeader: 'x-time' },
  };
  expect(
    await verifyWebhook(declaration, webhook(Object.entries(headers), '{}'), [secret]),
  ).toEqual({ ok: false, reason: 'malformed_id' });
});

test('S12 an id may hold the delimiter where a signed time stands behind it', async () => {
  const { sign, takes } = sender('{id}.{timestamp}.{body}', 'hmac');
  const parts = { id: 'evt.2026-11-21.7', timestamp: now, body: '{}' };
  expect(await takes(sign(parts), parts)).toBe(true);
});
