import fc from 'fast-check';
import { elementSlices, memberSlices, sliceAt } from '../../src/webhooks/json-slices';
import { readPointer } from '../../src/lib/json-pointer';

/** Written with spaces where JSON allows them. */
const spaced = (value: unknown) => Buffer.from(` ${JSON.stringify(value, null, '\t \n')}\r\n`);
const parsed = (slice: Buffer): unknown => JSON.parse(slice.toString());

test('the elements of any array are those that JSON.parse finds', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (list) => {
      expect(elementSlices(spaced(list)).map(parsed)).toEqual(parsed(spaced(list)));
      expect(elementSlices(Buffer.from(JSON.stringify(list))).map(String)).toEqual(
        list.map((element) => JSON.stringify(element)),
      );
    }),
  );
});

test('the members of any object are those that JSON.parse finds', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (object) => {
      const members = memberSlices(spaced(object)).map(({ name, value }) => [name, parsed(value)]);
      expect(members).toEqual(Object.entries(parsed(spaced(object)) as object));
    }),
  );
});

test('a pointer finds the bytes of what it finds in the parsed value', () => {
  const document = { 'a/b': [{ '~': [1, '}]"\\', null] }], '': { x: {} } };
  for (const pointer of ['', '/a~1b', '/a~1b/0/~0/1', '/a~1b/0', '//x']) {
    expect(parsed(sliceAt(spaced(document), pointer))).toEqual(readPointer(document, pointer));
  }
});

test('of a repeated name the last counts, as for JSON.parse', () => {
  const text = '{"a":1,"\\u0061":[2 ],"b":3}';
  expect(sliceAt(Buffer.from(text), '/a').toString()).toBe('[2 ]');
  expect(JSON.parse(text)).toMatchObject({ a: [2] });
});

test('digits, escapes and bytes that are not UTF-8 stay as they were written', () => {
  const odd = Buffer.concat([
    Buffer.from('"\\u00e9\\"]'),
    Buffer.from([0xc0, 0xff, 0x80]),
    Buffer.from('"'),
  ]);
  const text = Buffer.concat([
    Buffer.from('[18446744073709551615 , 1.50e+0,'),
    odd,
    Buffer.from(']'),
  ]);
  expect(elementSlices(text)).toEqual([
    Buffer.from('18446744073709551615'),
    Buffer.from('1.50e+0'),
    odd,
  ]);
});

test('what is no array has no elements, and what is no object no members', () => {
  for (const text of ['', ' ', '{}', '[]', '"[1]"', '7', 'null']) {
    expect(elementSlices(Buffer.from(text))).toEqual([]);
    expect(memberSlices(Buffer.from(text))).toEqual([]);
  }
});

test.each(['[', '[1', '[,', '[,,}', '[1}:', '["', '[{"a"', '[[]', ']['])(
  'even what is no JSON comes to an end: %s',
  (text) => {
    expect(elementSlices(Buffer.from(text)).length).toBeLessThan(5);
  },
);

test('a megabyte of the worst takes no longer than reading it', () => {
  const megabyte = 1_000_000;
  for (const text of [
    '['.repeat(megabyte / 2) + ']'.repeat(megabyte / 2),
    `["${'\\\\'.repeat(megabyte / 2)}"]`,
    `[${'"",'.repeat(megabyte / 3)}1]`,
    `[${' '.repeat(megabyte)}]`,
  ]) {
    const started = process.cpuUsage().user;
    elementSlices(Buffer.from(text));
    expect((process.cpuUsage().user - started) / 1000).toBeLessThan(1_000);
  }
});
