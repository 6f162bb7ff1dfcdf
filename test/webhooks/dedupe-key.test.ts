import fc from 'fast-check';
import {
  bodyKey,
  dedupeHash,
  displayText,
  itemKey,
  senderKey,
} from '../../src/webhooks/split-events';

test('a hash has 32 bytes, however long the key is', () => {
  expect(dedupeHash('x'.repeat(4096))).toHaveLength(32);
  expect(dedupeHash('a')).not.toEqual(dedupeHash('b'));
});

test('no two senders’ keys become one, and none becomes the key of a body', () => {
  const tricky = fc.oneof(
    fc.string(),
    fc.string().map((text) => `sender:${text}`),
    fc.uint8Array({ maxLength: 4 }).map((body) => bodyKey(Buffer.from(body))),
    fc.tuple(fc.string(), fc.nat(20)).map(([key, index]) => itemKey(key, index)),
  );
  const index = fc.nat(20);
  fc.assert(
    fc.property(
      tricky,
      tricky,
      fc.uint8Array({ maxLength: 4 }),
      index,
      index,
      (a, b, body, i, j) => {
        expect(senderKey(a) === senderKey(b)).toBe(a === b);
        expect(senderKey(a)).not.toBe(bodyKey(Buffer.from(body)));
        expect(senderKey(a)).not.toBe(itemKey(b, i));
        expect(senderKey(itemKey(b, i))).not.toBe(itemKey(b, i));
        expect(itemKey(a, i) === itemKey(b, j)).toBe(a === b && i === j);
      },
    ),
  );
});

test('a key that is marked already is marked again', () => {
  const marked = senderKey(bodyKey(Buffer.from('a')));
  expect(senderKey(marked)).not.toBe(marked);
});

test('what is shown has no NUL, no lone surrogate and at most 255 characters', () => {
  expect(displayText('a\0b\ud800c')).toBe('a\uFFFDb\uFFFDc');
  expect(displayText('😀'.repeat(200))).toBe('😀'.repeat(127) + '\uFFFD');
  expect(displayText('contact.created')).toBe('contact.created');
});
