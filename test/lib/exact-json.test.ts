import fc from 'fast-check';
import { parseExact } from '../../src/lib/exact-json';

test.each([
  ['17841405793187218', '17841405793187218'],
  ['-9007199254740993', '-9007199254740993'],
  ['9007199254740991', 9_007_199_254_740_991],
  ['[9007199254740992, 1]', ['9007199254740992', 1]],
  ['1.2345678901234567', 1.2345678901234567],
  ['12345678901234567e2', 12345678901234567e2],
  ['{"12345678901234567":"12345678901234567,"}', { '12345678901234567': '12345678901234567,' }],
  ['{"a\\"":12345678901234567,"b\\\\":2}', { 'a"': '12345678901234567', 'b\\': 2 }],
])('%s', (text, value) => {
  expect(parseExact(text)).toEqual(value);
});

test('what JSON.parse refuses it refuses', () => {
  for (const text of ['', '{', '12345678901234567 1', '01234567890123456789']) {
    expect(() => parseExact(text)).toThrow(SyntaxError);
  }
});

const exact = (value: unknown) => (Number.isSafeInteger(value) ? value : String(value));

test('nothing but large whole numbers is read in another way than by JSON.parse', () => {
  const large = fc.bigInt({ min: 2n ** 53n, max: 10n ** 30n });
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), large, (json, name, digits) => {
      const text = `{${JSON.stringify(name)}:${String(digits)},"json":${JSON.stringify(json)}}`;
      expect(parseExact(text)).toEqual({
        ...{ [name]: String(digits) },
        json: JSON.parse(JSON.stringify(json), (_key, value: unknown) =>
          Number.isInteger(value) && /^-?\d{16,}$/.test(String(value)) ? exact(value) : value,
        ) as unknown,
      });
    }),
  );
});
