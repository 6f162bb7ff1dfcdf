import { parseKillOptions } from '../../../bench/kills/options';

test('all that can be said is said by its option, and the usual ones need none', () => {
  expect(parseKillOptions([])).toMatchObject({
    rounds: 20,
    integrations: 12,
    longestAwayMs: 12_000,
  });
  expect(
    parseKillOptions('--rounds 4 --seed 7 --per-second 9 --longest-away 6'.split(' ')),
  ).toEqual({
    ...{
      rounds: 4,
      seed: 7,
      integrations: 12,
      perSecond: 9,
      longestAwayMs: 6_000,
      backWithinMs: 20_000,
      output: null,
      keep: false,
    },
  });
  expect(parseKillOptions(['--help'])).toBe('help');
});

test('what is wrong is named', () => {
  expect(() => parseKillOptions(['--rounds', '0'])).toThrow(
    '--rounds takes whole numbers from 1 to 1000, not "0".',
  );
  expect(() => parseKillOptions(['--longest-away', '1.5'])).toThrow('--longest-away takes whole');
  expect(() => parseKillOptions(['--seed', 'x'])).toThrow('not "x"');
  expect(() => parseKillOptions(['--round', '3'])).toThrow("'--round'");
});
