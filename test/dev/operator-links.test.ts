import { parseConfig } from '../../src/config';
import { dataDirPaths } from '../../src/dev/data-dir';
import { localSettings } from '../../src/dev/local-settings';
import { summary } from '../../src/dev/summary';

const started = {
  ...{ temporalBinary: undefined, playgroundUrl: '', workerUrl: '', madeApiKey: false },
  ...{ configurationFile: { found: undefined, looked: [] }, configuration: {} },
};
const HOLDFAST_TEMPORAL_UI_URL = 'https://temporal.example';
const HOLDFAST_TEMPORAL_HASH_KEY = 'a-key-for-hashes-with-more-than-32-characters';

const linesOf = (env: Record<string, string>) =>
  summary(parseConfig(env), dataDirPaths('/nonexistent'), started)
    .filter((line) => /query=/.test(line))
    .map((line) => decodeURIComponent(line).replace(/ +/g, ' ').trim());

const broken =
  'broken ones https://temporal.example/namespaces/default/workflows?query=IntegrationStatus="ERROR" AND ExecutionStatus="Running"';

test.each([
  ['on', 'user-1'],
  // printf %s user-1 | openssl dgst -sha256 -hmac <the key>, the first 32 digits
  ['hash', '49aa3952138e3a7be76c825749e3a744'],
])('a start links to the list of one user as Temporal is told of users: %s', (attribute, shown) => {
  const HOLDFAST_TEMPORAL_USER_ATTRIBUTE = attribute;
  const env = { HOLDFAST_TEMPORAL_UI_URL, HOLDFAST_TEMPORAL_USER_ATTRIBUTE };
  expect(linesOf({ ...env, HOLDFAST_TEMPORAL_HASH_KEY })).toEqual([
    broken,
    `one user's https://temporal.example/namespaces/default/workflows?query=IntegrationUser="${shown}" AND ExecutionStatus="Running"`,
  ]);
});

test('a start has no link of one user where Temporal is told of none, and no link at all without a UI', () => {
  const off = { HOLDFAST_TEMPORAL_USER_ATTRIBUTE: 'off' };
  expect(linesOf({ HOLDFAST_TEMPORAL_UI_URL, ...off })).toEqual([broken]);
  expect(linesOf({})).toEqual([]);
});

test('what runs beside a start knows where its UI is, and beside another Temporal it does not', () => {
  const uiOf = (env: Record<string, string>) =>
    localSettings(parseConfig(env), env)['HOLDFAST_TEMPORAL_UI_URL'];
  expect(uiOf({ HOLDFAST_TEMPORAL_UI_PORT: '8333' })).toBe('http://localhost:8333');
  expect(uiOf({ TEMPORAL_ADDRESS: 'temporal.internal:7233' })).toBeUndefined();
  expect(uiOf({ HOLDFAST_TEMPORAL_UI_URL })).toBeUndefined();
});
