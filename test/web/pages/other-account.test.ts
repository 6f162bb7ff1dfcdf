import { otherAccountPage } from '../../../src/web/pages/other-account';

const way = { href: '/', label: 'Your connections' };
function names(
  expected: { id: string; label?: string },
  came: { id: string; label?: string } | undefined,
): string[] {
  const { content } = otherAccountPage({ provider: 'Acme', expected, came, again: way, back: way });
  return [...content.text.matchAll(/<dd><bdi>([^<]*)/g)].map(([, name = '']) => name);
}

test('two accounts are told apart by their labels, and by their ids where these are one', () => {
  expect(names({ id: 'a-1', label: 'Ada' }, { id: 'b-2', label: 'Bo' })).toEqual(['Ada', 'Bo']);
  expect(names({ id: 'a-1', label: 'Ada' }, { id: 'b-2', label: 'Ada' })).toEqual([
    ...['Ada (a-1)', 'Ada (b-2)'],
  ]);
  expect(names({ id: 'a-1' }, undefined)).toEqual(['a-1', 'another account']);
});
