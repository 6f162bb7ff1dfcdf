import { isJsonPointer, readPointer } from '../../src/lib/json-pointer';

/** RFC 6901 section 5, and a few more. */
const document = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'i\\j': 5,
  ' ': 7,
  'm~n': 8,
  '~1': 9,
  none: null,
};

it.each<[string, unknown]>([
  ['', document],
  ['/foo', ['bar', 'baz']],
  ['/foo/0', 'bar'],
  ['/', 0],
  ['/a~1b', 1],
  ['/c%d', 2],
  ['/i\\j', 5],
  ['/ ', 7],
  ['/m~0n', 8],
  ['/~01', 9],
  ['/none', null],
  ['/none/deeper', undefined],
  ['/foo/2', undefined],
  ['/foo/00', undefined],
  ['/foo/-', undefined],
  ['/foo/length', undefined],
  ['/constructor', undefined],
  ['/__proto__', undefined],
  ['/a~1b/c', undefined],
])('reads %p', (pointer, value) => {
  expect(isJsonPointer(pointer)).toBe(true);
  expect(readPointer(document, pointer)).toEqual(value);
});

it.each(['foo', '/~', '/~2', '/a~', ' /a'])('knows %p for no pointer', (pointer) => {
  expect(isJsonPointer(pointer)).toBe(false);
});
