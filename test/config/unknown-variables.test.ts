import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { knownVariables, unknownVariables } from '../../src/config/unknown-variables';
import { isSecret } from '../../src/config/settings';

const root = path.resolve(__dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const named = (text: string) => new Set(text.match(/\bHOLDFAST_[A-Z_]*[A-Z]\b/g));
const ours = [...knownVariables()].filter((name) => name.startsWith('HOLDFAST_'));
const compose = read('docker-compose.temporal.yml') + read('deploy/make-env.sh');

function namedInCode(): Set<string> {
  const files = ['src', 'activities'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && file !== 'config/unknown-variables.ts')
      .map((file) => read(path.join(folder, file))),
  );
  const names = [...named(files.join('\n'))];
  // A secret's file is known by the secret's name.
  return new Set(
    names.map((name) => (isSecret(name.replace(/_FILE$/, '')) ? name.replace(/_FILE$/, '') : name)),
  );
}

test('what is known is what the code and the Compose file name, and nothing else', () => {
  const inCode = namedInCode();
  expect(inCode.size).toBeGreaterThan(30);
  expect([...inCode].filter((name) => !ours.includes(name))).toEqual([]);
  expect(ours.filter((name) => !inCode.has(name) && !compose.includes(`\${${name}`))).toEqual([]);
});

test('the table of settings in README lists what is known, and nothing else', () => {
  const [, settings = ''] = /\n## Settings\n([^]*?)\n##/.exec(read('README.md')) ?? [];
  const cells = settings.split('\n').map((line) => /^\| (.*?) \|/.exec(line)?.[1] ?? '');
  const listed = named(cells.join('\n'));
  const ofCompose = ours.filter((name) => !namedInCode().has(name));
  expect([...listed].sort()).toEqual(ours.filter((name) => !ofCompose.includes(name)).sort());
});

test('no document names a variable that is none', () => {
  const documents = [
    'README.md',
    'CHANGELOG.md',
    ...['docs', 'docs/explanation', 'docs/how-to', 'docs/reference'].flatMap((folder) =>
      readdirSync(path.join(root, folder))
        .filter((file) => file.endsWith('.md'))
        .map((file) => path.join(folder, file)),
    ),
  ];
  const known = [...ours, ...ours.filter(isSecret).map((name) => `${name}_FILE`)];
  expect(
    documents.flatMap((file) => [...named(read(file))].filter((name) => !known.includes(name))),
  ).toEqual([]);
});

test.each([
  ['HOLDFAST_SWEEP_SECOND', 'HOLDFAST_SWEEP_SECONDS'],
  ['HOLDFAST_PUBLICURL', 'HOLDFAST_PUBLIC_URL'],
  ['HOLDFAST_KEY', 'HOLDFAST_KEYS'],
  ['HOLDFAST_KEY_FILE', 'HOLDFAST_KEYS_FILE'],
  ['HOLDFAST_APIKEY', 'HOLDFAST_API_KEY'],
  ['HOLDFAST_DATABASE_URL', 'DATABASE_URL'],
  ['HOLDFAST_PORT', 'PORT'],
  ['HOLDFAST_TEMPORAL_ADDRESS', 'TEMPORAL_ADDRESS'],
  ['HOLDFAST_SLACK_CLIENT_ID', 'SLACK_CLIENT_ID'],
  ['HOLDFAST_SLACK_CLIENT_SECRET', 'SLACK_CLIENT_SECRET'],
  ['HOLDFAST_COLOUR_OF_THE_SKY', undefined],
  ['HOLDFAST_NOTIFY_URL_FILE', undefined],
  ['HOLDFAST_SERVICE_HOSTS', undefined],
])('%s is unknown; meant is %s', (name, meant) => {
  expect(unknownVariables({ [name]: 'x' })).toEqual([{ name, meant }]);
});

test('what is known, empty, of others or made by Kubernetes is not', () => {
  const known = Object.fromEntries(ours.map((name) => [name, 'x']));
  const files = { HOLDFAST_KEYS_FILE: '/x', HOLDFAST_API_KEY_FILE: '/x' };
  const services = ['HOLDFAST', 'HOLDFAST_GATEWAY', 'HOLDFAST_POSTGRES'].flatMap((service) => [
    [`${service}_SERVICE_HOST`, '10.0.0.1'],
    [`${service}_SERVICE_PORT`, '3000'],
    [`${service}_SERVICE_PORT_HTTP`, '3000'],
    [`${service}_PORT`, 'tcp://10.0.0.1:3000'],
    [`${service}_PORT_3000_TCP`, 'tcp://10.0.0.1:3000'],
    [`${service}_PORT_3000_TCP_PROTO`, 'tcp'],
    [`${service}_PORT_3000_TCP_PORT`, '3000'],
    [`${service}_PORT_3000_TCP_ADDR`, '10.0.0.1'],
  ]);
  const others = { HOLDFAST_EMPTY: ' ', HOLDFAST_GONE: undefined, HOLDFASTER_X: 'x', ACME: 'x' };
  const env = { ...known, ...files, ...others, ...(Object.fromEntries(services) as object) };
  expect(unknownVariables(env)).toEqual([]);
});
