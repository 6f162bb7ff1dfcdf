import { checkedFolder } from './checked-folder';

const { write, check } = checkedFolder('check-scenarios.mjs');
/** Put together here: the check reads this file as well. */
const unknown = ['S', '99'].join('');

const listed = (...names: string[]) =>
  write('test/scenarios.md', '# Scenarios', '', ...names.map((name) => `- ${name} A rule.`));

test('passes where every scenario is in a title, however the title is written', () => {
  listed('S1', 'S2', 'S3', 'S4', 'S5');
  write('src/a.ts', '// What S2 says, by the method S256.');
  write(
    'test/a/some.test.ts',
    'test(',
    "  'S1 over two lines', () => {});",
    "describe('S2 a group', () => {",
    "  it.each([['PKCE S256']])(`S3 of ${how}`, () => {});",
    "  test.each`a${1}`('%s, ' + 'S4', () => {});",
    "  test.only('S5', () => {});",
    '});',
  );
  expect(check()).toEqual({
    status: 0,
    stdout: '5 scenarios, each in the title of a test\n',
    faults: [],
  });
});

test('a scenario is in no title where anything else names it', () => {
  const names = ['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8'];
  listed(...names, 'S12');
  write('test/helper.ts', "test('S8 in no file of tests', () => {});");
  write(
    'test/some.test.ts',
    '// S1 is proved here',
    "test('a body', () => use('S2'));",
    "test.each(['S3'])('%s', () => {});",
    "verify('S4', () => {});",
    "test.skip('S5 never runs', () => {});",
    "it.todo('S6');",
    "const text = `test('S7', () => {})`;",
    "test('S12 is no S-1', () => {});",
  );
  expect(check()).toEqual({
    status: 1,
    stdout: '',
    faults: names.map(
      (name) => `${name} is in no test title: put it in the title of a test that proves it.`,
    ),
  });
});

test('a number that is not listed is reported with its line, wherever it is named', () => {
  listed('S1');
  write('test/a.test.ts', "test('S1', () => {});", `test('S1 ${unknown} one', () => {});`);
  write('test/helper.ts', '', `// ${unknown}`);
  write('src/b.ts', '', `/** See ${unknown}. */`);
  write('workflows/b.ts', '', `const text = '${unknown}';`);
  write('activities/b/c.ts', '', `// ${unknown} and ${unknown}`);
  const files = ['test/a.test.ts', 'test/helper.ts', 'src/b.ts', 'workflows/b.ts'];
  expect(check()).toMatchObject({
    status: 1,
    faults: [...files, 'activities/b/c.ts'].map(
      (file) =>
        `${file}:2 names ${unknown}: write its line in test/scenarios.md or correct the number.`,
    ),
  });
});

test('a number that is listed twice is a fault', () => {
  listed('S1', 'S1');
  write('test/a.test.ts', "test('S1', () => {});");
  expect(check()).toMatchObject({
    status: 1,
    faults: ['S1 is twice in test/scenarios.md: give one of the two a number of its own.'],
  });
});

test('no list is a fault, not a pass', () => {
  expect(check()).toMatchObject({
    status: 1,
    faults: ['test/scenarios.md has no scenario: each is a line "- S1 …".'],
  });
});
