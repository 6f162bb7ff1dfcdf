import { checkedFolder } from './checked-folder';

const { write, check } = checkedFolder('check-layout.mjs');

const rooms = (...names: string[]) =>
  write('ARCHITECTURE.md', '| Folder | Holds |', ...names.map((name) => `| \`${name}/\` | It. |`));

const lines = (count: number) => Array.from({ length: count }, () => '//');

test('passes where each room has its row, and nothing is too long or too full', () => {
  write('workflows/a.ts', ...lines(200));
  write('workflows/contract/ids.ts');
  write('activities/index.ts');
  write('activities/drain/a.ts');
  write('src/cli.ts');
  write('src/gateway/app.ts');
  write('src/gateway/pages/routes/a.ts');
  write('test/gateway/a.test.ts', ...lines(500));
  for (let one = 0; one < 21; one++) write(`src/webhooks/schemes/scheme-${one}.ts`);
  write('docs/how.md', 'In `src/gateway/app.ts` and `src/gateway/pages/`, of `src/db/*`.');
  write(
    'docs/how-to/deploy.md',
    ...['# It runs', '## With `npm start`, anywhere', '![A page](../images/page.png)'],
    ...['[how](../how.md), [start](#with-npm-start-anywhere), [it](https://example.com/none.md)'],
    ...['```sh', 'echo [none](none.md)', '```', 'Written `[none](none.md)`.'],
  );
  write('docs/images/page.png');
  write('README.md', '[Start](docs/how-to/deploy.md#with-npm-start-anywhere)', '[All](docs/)');
  rooms(
    ...['workflows', 'workflows/contract', 'activities/drain', 'src/gateway', 'src/gateway/pages'],
    ...['src/webhooks', 'test'],
  );
  expect(check()).toEqual({
    status: 0,
    stdout: '29 files of code, each in its place\n',
    faults: [],
  });
});

test('names what is too long, too full, in words of our own, and in no room', () => {
  write('src/db/long.ts', ...lines(201));
  for (let one = 0; one < 21; one++) write(`test/db/some-${one}.test.ts`);
  write('src/live/send-notices.ts');
  rooms('src/db', 'src/gone', 'test', 'test');
  write('docs/explanation/how.md', 'See `src/db/none.ts`.');
  expect(check()).toEqual({
    status: 1,
    stdout: '',
    faults: [
      'src/db/long.ts has 201 lines: divide it, at most 200.',
      'test/db/ has 21 files of code: divide it by subject, at most 20.',
      'src/live/send-notices.ts: "notices" is "notification" here.',
      'ARCHITECTURE.md: `src/gone/` is no room, or stands there twice.',
      'ARCHITECTURE.md: `test/` is no room, or stands there twice.',
      'ARCHITECTURE.md: the table of rooms has no row `src/live/`.',
      'ARCHITECTURE.md: there is no `src/gone/`.',
      'docs/explanation/how.md: there is no `src/db/none.ts`.',
    ],
  });
});

test('names links and pictures that lead nowhere, with their document', () => {
  rooms('test');
  write('test/a.test.ts');
  write('CHANGELOG.md', 'Gone: `src/db/none.ts`, [page](docs/none.md).');
  write('docs/how.md', '# How', '[there](#there) ![A page](images/none.png)');
  write('docs/how-to/deploy.md', '[how](../how.md#how), [all](../how.md#all) [how](how.md)');
  write('README.md', '<img src="docs/none.png" alt="" />', '[how', 'to](docs/how.md#How)');
  expect(check()).toMatchObject({
    status: 1,
    faults: [
      ['CHANGELOG.md', 'docs/none.md'],
      ['README.md', 'docs/none.png'],
      ['README.md', 'docs/how.md#How'],
      ['docs/how.md', '#there'],
      ['docs/how.md', 'images/none.png'],
      ['docs/how-to/deploy.md', '../how.md#all'],
      ['docs/how-to/deploy.md', 'how.md'],
    ].map(([document, link]) => `${document}: the link \`${link}\` leads nowhere.`),
  });
});
