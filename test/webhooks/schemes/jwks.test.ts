import { createJwks, type Jwks } from '../../../src/webhooks/schemes/jwks';
import { openOutgoing } from '../../support/connections';
import { answerKeys, signingKey, startKeyServer, type SigningKey } from './key-server';

let first: SigningKey;
let second: SigningKey;
let server: Awaited<ReturnType<typeof startKeyServer>>;
let nowMs: number;
let keys: Jwks;

const unavailable = expect.objectContaining({
  code: 'sender_keys_unavailable',
  status: 503,
  retryAfterSeconds: 5,
}) as unknown;

beforeAll(async () => {
  first = await signingKey('first');
  second = await signingKey('second');
});

beforeEach(async () => {
  server = await startKeyServer(answerKeys([first]));
  nowMs = 1_000_000;
  keys = createJwks(server.url, openOutgoing.connect, () => nowMs);
});

afterEach(() => server.close());

test('keys are fetched once for as long as they are said to be good, however many ask', async () => {
  const found = await Promise.all(Array.from({ length: 20 }, () => keys.find('first')));
  expect(found.every((key) => key?.asymmetricKeyType === 'rsa')).toBe(true);
  nowMs += 3_599_000;
  await keys.find('first');
  expect(server.state.requests).toBe(1);
  nowMs += 1_001;
  await keys.find('first');
  expect(server.state.requests).toBe(2);
});

test('a key that nobody has heard of is asked for, but only every half minute', async () => {
  await keys.find('first');
  server.state.answer = answerKeys([first, second]);
  for (let each = 0; each < 50; each++) expect(await keys.find('second')).toBeUndefined();
  expect(server.state.requests).toBe(1);
  nowMs += 30_000;
  expect(await keys.find('second')).toBeDefined();
  for (let each = 0; each < 50; each++) expect(await keys.find('third')).toBeUndefined();
  expect(server.state.requests).toBe(2);
});

test('a key that was withdrawn is not good any more', async () => {
  await keys.find('first');
  server.state.answer = answerKeys([second]);
  nowMs += 3_600_001;
  expect(await keys.find('first')).toBeUndefined();
});

test.each<[string, Parameters<typeof startKeyServer>[0]]>([
  ['answers 500', (response) => response.writeHead(500).end()],
  ['is cut off', (response) => response.destroy()],
  ['sends HTML', (response) => response.end('<html>')],
  ['sends no keys', answerKeys([])],
  ['sends keys of another kind', answerKeys([{ jwk: { kid: 'first', kty: 'oct', k: 'AAAA' } }])],
  ['sends keys that are none', answerKeys([{ jwk: { kid: 'first', kty: 'RSA', n: 7, e: 'x' } }])],
  ['never ends', (response) => void response.writeHead(200).write('{')],
  [
    'redirects',
    (response, path) => {
      if (path === '/other') answerKeys([first])(response, path);
      else response.writeHead(302, { location: '/other' }).end();
    },
  ],
  [
    'sends too much',
    (response) => response.end(JSON.stringify({ keys: [first.jwk], more: ' '.repeat(300_000) })),
  ],
])('a server that %s is asked again after a while, and nobody is refused', async (_, answer) => {
  server.state.answer = answer;
  await expect(keys.find('first')).rejects.toEqual(unavailable);
  await expect(keys.find('first')).rejects.toEqual(unavailable);
  expect(server.state.requests).toBe(1);
  server.state.answer = answerKeys([first]);
  nowMs += 5_000;
  expect(await keys.find('first')).toBeDefined();
});

test('while the server is down, keys that are still good go on being used', async () => {
  await keys.find('first');
  server.state.answer = (response) => response.writeHead(503).end();
  nowMs += 60_000;
  await expect(keys.find('second')).rejects.toEqual(unavailable);
  expect(await keys.find('first')).toBeDefined();
  nowMs += 3_600_000;
  await expect(keys.find('first')).rejects.toEqual(unavailable);
});

test.each([
  ['max-age=0', 60_000],
  ['max-age=99999999', 86_400_000],
  ['no-transform', 300_000],
  ['public, s-maxage=7,max-age=600', 600_000],
])('with %s they are good for %d ms', async (cacheControl, goodMs) => {
  server.state.answer = answerKeys([first], cacheControl);
  await keys.find('first');
  nowMs += goodMs - 1;
  await keys.find('first');
  expect(server.state.requests).toBe(1);
  nowMs += 1;
  await keys.find('first');
  expect(server.state.requests).toBe(2);
});

test('one key that can not be read does not hide the others', async () => {
  server.state.answer = answerKeys([{ jwk: { kid: 'x', kty: 'RSA', n: '' } }, first]);
  expect(await keys.find('first')).toBeDefined();
});
