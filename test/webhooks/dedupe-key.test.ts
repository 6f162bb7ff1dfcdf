import fc from 'fast-check';
import type { Dedupe, WebhookDeclaration } from '../../src/providers/webhook-declaration';
import { itemKey, sameBodyKey, senderKey } from '../../src/webhooks/dedupe-key';
import { displayText, storedKey } from '../../src/webhooks/split-events';
import { verifyWebhook } from '../../src/webhooks/verify';
import { webhook } from './requests';

type Headers = Record<string, string>;

/** Of each event of a request. */
async function keysOf(dedupe: Dedupe | undefined, body: string, headers: Headers = {}, at = {}) {
  const declaration: WebhookDeclaration = {
    scheme: 'none',
    ...(dedupe === undefined ? {} : { dedupe }),
    ...at,
  };
  const verified = await verifyWebhook(declaration, webhook(Object.entries(headers), body), []);
  return verified.ok ? verified.events.map(({ dedupeKey }) => dedupeKey) : [];
}

const keyOf = async (dedupe: Dedupe | undefined, body: string, headers: Headers = {}) =>
  (await keysOf(dedupe, body, headers))[0];

test('a hash has 32 bytes, however long the key is; without a key there never is the same one', () => {
  const hashOf = (key: string | null) => storedKey(key).dedupeHash;
  for (const key of ['x'.repeat(4096), null]) expect(hashOf(key)).toHaveLength(32);
  expect(hashOf('a')).toEqual(hashOf('a'));
  expect(hashOf('a')).not.toEqual(hashOf('b'));
  expect(hashOf(null)).not.toEqual(hashOf(null));
  expect(storedKey(null).dedupeKey).toBeNull();
});

test('no two senders’ keys become one, and none becomes the key of a body', () => {
  const bodies = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((raw) => Buffer.from(raw));
  const tricky = fc.oneof(
    fc.string(),
    fc.string().map((text) => `sender:${text}`),
    bodies.map((hash) => sameBodyKey(hash, '1')),
    fc.tuple(fc.string(), fc.nat(20)).map(([key, index]) => itemKey(key, index)),
  );
  const index = fc.nat(20);
  fc.assert(
    fc.property(tricky, tricky, bodies, index, index, (a, b, hash, i, j) => {
      expect(senderKey(a) === senderKey(b)).toBe(a === b);
      expect(senderKey(a)).not.toBe(sameBodyKey(hash, '1'));
      expect(senderKey(a)).not.toBe(itemKey(b, i));
      expect(senderKey(itemKey(b, i))).not.toBe(itemKey(b, i));
      expect(itemKey(a, i) === itemKey(b, j)).toBe(a === b && i === j);
    }),
  );
});

test('a key that is marked already is marked again', () => {
  const marked = senderKey(itemKey('a', 0));
  expect(senderKey(marked)).not.toBe(marked);
});

test('what is shown has no NUL, no lone surrogate and at most 255 characters', () => {
  expect(displayText('a\0b\ud800c')).toBe('a\uFFFDb\uFFFDc');
  expect(displayText('😀'.repeat(200))).toBe('😀'.repeat(127) + '\uFFFD');
  expect(displayText('contact.created')).toBe('contact.created');
});

test('S16 one declared value is the key as it is, several are an array’s text', async () => {
  const headers = { 'X-Goog-Channel-ID': 'c1', 'X-Goog-Message-Number': '7' };
  expect(await keyOf({ headers: ['x-goog-message-number'] }, '', headers)).toBe('7');
  expect(await keyOf({ pointers: ['/id'] }, '{"id":9007199254740993}')).toBe('9007199254740993');
  const both = { headers: ['x-goog-channel-id', 'x-goog-message-number'] };
  expect(await keyOf(both, '', headers)).toBe('["c1","7"]');
  expect(
    await keyOf({ headers: ['x-goog-channel-id'], pointers: ['/n'] }, '{"n":1.50}', headers),
  ).toBe('["c1","1.50"]');
  expect(await keyOf({ pointers: ['/a', '/b'] }, '{"a":true,"b":"x\\",\\"y"}')).toBe(
    '["true","x\\",\\"y"]',
  );
});

test.each<[string, Dedupe | undefined, string, Headers]>([
  ['nothing is declared', undefined, '{"id":1}', {}],
  ['none is asked for', 'none', '{"id":1}', { 'x-id': '1' }],
  ['a header is missing', { headers: ['x-id', 'x-n'] }, '', { 'x-id': '1' }],
  ['a header is empty', { headers: ['x-id'] }, '', { 'x-id': '' }],
  ['a pointer finds nothing', { pointers: ['/id', '/n'] }, '{"id":1}', {}],
  ['a pointer finds null', { pointers: ['/id'] }, '{"id":null}', {}],
  ['a pointer finds an empty text', { pointers: ['/id'] }, '{"id":""}', {}],
  ['a pointer finds an object', { pointers: ['/id'] }, '{"id":{"a":1}}', {}],
  ['the body is no JSON', { headers: ['x-id'], pointers: ['/id'] }, 'id=1', { 'x-id': '1' }],
])('S16 an event is new where %s', async (_, dedupe, body, headers) => {
  expect(await keyOf(dedupe, body, headers)).toBeNull();
});

test('S16 S17 of several events headers know each by its place, pointers by itself', async () => {
  const at = { eventsPointer: '/events' };
  const body = '{"id":0,"events":[{"id":1},{"id":2},{}]}';
  const headers = { 'x-id': 'r' };
  const keys = (dedupe: Dedupe, sent = body) => keysOf(dedupe, sent, headers, at);
  expect(await keys({ headers: ['x-id'] })).toEqual(['item:0:r', 'item:1:r', 'item:2:r']);
  expect(await keys({ pointers: ['/id'] })).toEqual(['1', '2', null]);
  expect(await keys({ headers: ['x-id'], pointers: ['/id'] })).toEqual([
    ...['["r","1"]', '["r","2"]'],
    null,
  ]);
  // What could not be cut is no event that pointers could count from.
  expect(await keys({ pointers: ['/id'] }, '{"id":0}')).toEqual([null]);
  expect(await keys({ headers: ['x-id'] }, '{"id":0}')).toEqual(['r']);
});

test('S16 what is declared goes before the scheme’s own key, and `dedupeHeader` is short for it', async () => {
  const hmac = { scheme: 'hmac', header: 'x-s', algorithm: 'sha256', encoding: 'hex' } as const;
  // RFC 4231 case 2.
  const signature = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  const sent = { 'x-s': signature, 'x-id': '7', 'x-n': '8' };
  const request = webhook(Object.entries(sent), 'what do ya want for nothing?');
  const key = async (more: object) => {
    const verified = await verifyWebhook({ ...hmac, ...more }, request, ['Jefe']);
    return verified.ok ? verified.events[0]?.dedupeKey : verified.reason;
  };
  expect(await key({ dedupeHeader: 'X-Id' })).toBe('7');
  expect(await key({ dedupe: { headers: ['X-Id'] } })).toBe('7');
  expect(await key({ dedupeHeader: 'x-id', dedupe: { headers: ['x-n'] } })).toBe('8');
  expect(await key({ dedupeHeader: 'x-id', dedupe: 'none' })).toBeNull();
});

describe('S16 a retry whose body changes is known by its id', () => {
  test('Notion’s counts its attempts', async () => {
    const dedupe = { pointers: ['/id'] };
    const attempt = (n: number) => `{"id":"ev-1","type":"page.created","attempt_number":${n}}`;
    expect(await keyOf(dedupe, attempt(2))).toBe(await keyOf(dedupe, attempt(1)));
  });

  test('Xero’s has other entropy, and the same resource has later events', async () => {
    const dedupe = { pointers: ['/resourceId', '/eventCategory', '/eventType', '/eventDateUtc'] };
    const keys = (entropy: string, at: string) =>
      keysOf(
        dedupe,
        `{"entropy":"${entropy}","events":[{"resourceId":"r","eventCategory":"INVOICE","eventType":"UPDATE","eventDateUtc":"${at}"}]}`,
        {},
        { eventsPointer: '/events' },
      );
    const first = await keys('A', '2026-01-01T00:00:00');
    expect(first[0]).not.toBeNull();
    expect(await keys('B', '2026-01-01T00:00:00')).toEqual(first);
    expect(await keys('A', '2026-01-01T00:00:01')).not.toEqual(first);
  });
});
