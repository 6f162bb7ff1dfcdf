import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { api, setUp } from '../handlers/authorizing';
import { closeServers, httpServer } from '../handlers/loopback';
import { eventually } from '../support/eventually';

afterEach(closeServers);

test('the token goes along, in place of an authorization that the handler set', async () => {
  const { origin, received } = await api('token-1');
  const { authorizedFetch, asked } = setUp([origin]);
  const answer = await authorizedFetch(`${origin}/contacts/7`, {
    headers: { authorization: 'Basic mine', 'x-a': 'b' },
  });
  expect(answer.status).toBe(200);
  expect(received[0]).toMatchObject({
    path: '/contacts/7',
    headers: { authorization: 'Bearer token-1', 'x-a': 'b' },
  });
  expect(asked).toEqual(['token main']);
});

test('the token goes bare in the header that the provider declares', async () => {
  const { origin, received } = await httpServer((response) => response.end());
  const { authorizedFetch } = setUp([origin], {}, { tokenHeader: 'X-Shop-Token' });
  await authorizedFetch(origin, { headers: { 'x-shop-token': 'mine' } });
  expect(received[0]?.headers).toMatchObject({ 'x-shop-token': 'token-1' });
  expect(received[0]?.headers).not.toHaveProperty('authorization');
});

test.each([
  [
    'https://evil.example/?key=s3cret',
    'sends the token only to http://127.0.0.1:1, not to https://evil.example',
  ],
  ['http://127.0.0.1:12/s3cret', 'not to http://127.0.0.1:12'],
  ['http://127.0.0.1:2/s3cret', 'not to http://127.0.0.1:2'],
  ['https://127.0.0.1:1/s3cret', 'not to https://127.0.0.1:1'],
  ['http://127.0.0.1:1@evil.example/s3cret', 'no credentials in the address'],
  ['http://user:s3cret@127.0.0.1:1/', 'no credentials in the address'],
  ['data:text/plain,s3cret', 'not to null'],
  ['/s3cret', 'needs an absolute address'],
])('S40 %s is refused before any token is asked for', async (address, message) => {
  const { authorizedFetch, asked, noted } = setUp(['http://127.0.0.1:1']);
  const refused = authorizedFetch(address);
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.not.toThrow('s3cret');
  expect([asked, noted]).toEqual([[], []]);
});

test('with no origin at all it sends nothing', async () => {
  await expect(setUp([]).authorizedFetch('http://127.0.0.1:1/')).rejects.toThrow('nowhere');
});

test('S40 a redirect is returned and not followed, whatever the handler asks', async () => {
  const elsewhere = await httpServer((response) => response.end());
  const { origin } = await httpServer((response) =>
    response.writeHead(302, { location: `${elsewhere.origin}/` }).end(),
  );
  const { authorizedFetch } = setUp([origin]);
  const answer = await authorizedFetch(origin, { redirect: 'follow' });
  expect([answer.status, answer.headers.get('location')]).toEqual([302, `${elsewhere.origin}/`]);
  expect(elsewhere.received).toHaveLength(0);
});

test.each([
  ['text', () => 'a=1'],
  ['form fields', () => new URLSearchParams({ a: '1' })],
  ['bytes', () => Buffer.from('a=1')],
  ['a blob', () => new Blob(['a=1'])],
])('S35 a 401 makes it refresh once and send the same again: %s', async (_, body) => {
  const { origin, received } = await api('token-2');
  const { authorizedFetch, asked } = setUp([origin]);
  const answer = await authorizedFetch(origin, { method: 'POST', body: body() });
  expect([answer.status, await answer.text()]).toEqual([200, 'a=1']);
  expect(received.map(({ body: sent }) => sent.toString())).toEqual(['a=1', 'a=1']);
  expect(asked).toEqual(['token main', 'refused main 1']);
});

test('S35 a 401 to the fresh token too: told, and unavailable after two requests', async () => {
  const { origin, received } = await api('another');
  const { authorizedFetch, asked, noted } = setUp([origin]);
  const refused = {
    name: 'RefreshUnavailableError',
    ...{ credential: 'main', code: 'access_refused', version: 2 },
    retryAt: '2026-11-21T09:00:00.000Z',
  };
  await expect(authorizedFetch(origin)).rejects.toMatchObject(refused);
  expect(received).toHaveLength(2);
  expect(asked).toEqual(['token main', 'refused main 1', 'refused main 2']);
  expect(noted).toEqual([expect.objectContaining({ name: 'RefreshUnavailableError' })]);
});

test('S35 what the provider declares refuses a token like a 401, and other answers are left whole', async () => {
  const errors = ['token_revoked', 'ratelimited', undefined];
  const { origin, received } = await httpServer((response) => {
    const error = errors.shift();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ok: error === undefined, error }));
  });
  const { authorizedFetch, asked } = setUp([origin], {}, { refusedErrors: ['token_revoked'] });
  expect(await (await authorizedFetch(origin)).json()).toEqual({ ok: false, error: 'ratelimited' });
  expect(received.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer token-1',
    'Bearer token-2',
  ]);
  expect(await (await authorizedFetch(origin)).json()).toEqual({ ok: true });
  expect(asked).toEqual(['token main', 'refused main 1', 'token main']);
});

test.each<[string, object, string, string]>([
  ['a bare text', { refusedErrors: ['Bad_OAuth_Token'] }, 'text/html', 'Bad_OAuth_Token'],
  [
    'a number where the declaration points',
    { refusedErrors: [190], errorPointer: '/error/code' },
    'text/javascript',
    '{"error":{"type":"OAuthException","code":190}}',
  ],
  ['a nested code', { refusedErrors: ['190'] }, 'application/json', '{"error":{"code":190}}'],
])('S35 what the provider declares is found in a 403 as %s', async (_how, declared, type, body) => {
  const answers: [number, string, string][] = [
    [403, type, body],
    [403, 'text/plain', 'quota'],
  ];
  const { origin } = await httpServer((response) => {
    const [status, contentType, text] = answers.shift() ?? [200, 'text/plain', ''];
    response.writeHead(status, { 'content-type': contentType }).end(text);
  });
  const { authorizedFetch, asked } = setUp([origin], {}, declared);
  expect(await (await authorizedFetch(origin)).text()).toBe('quota');
  expect(asked).toEqual(['token main', 'refused main 1']);
});

test('a long answer is not held back to look for a refusal in it', async () => {
  const long = JSON.stringify({ error: 'token_revoked', filler: 'x'.repeat(200_000) });
  const { origin } = await httpServer((response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(long),
  );
  const { authorizedFetch } = setUp([origin], {}, { refusedErrors: ['token_revoked'] });
  expect(await (await authorizedFetch(origin)).text()).toBe(long);
});

test('S35 a success after refusals is told, another one is not', async () => {
  const { origin } = await api('token-1');
  const token = { kind: 'alive' as const, accessToken: 'token-1', version: 1 };
  const before = setUp([origin], { token: { ...token, rejectedBefore: true } });
  await before.authorizedFetch(origin);
  expect(before.asked).toEqual(['token main', 'accepted main 1']);
  const never = setUp([origin], { token: { ...token, rejectedBefore: false } });
  await never.authorizedFetch(origin);
  expect(never.asked).toEqual(['token main']);
});

test('nothing is sent once the attempt is over', async () => {
  const { origin, received } = await api('token-1');
  const { authorizedFetch } = setUp([origin], {}, { isOver: () => true });
  await expect(authorizedFetch(origin)).rejects.toThrow('The attempt is over');
  expect(received).toHaveLength(0);
});

test('a stream can not be sent twice: its 401 is returned, the refusal is reported', async () => {
  const { origin, received } = await api('token-2');
  const { authorizedFetch, asked, noted } = setUp([origin]);
  const body = new Blob(['a=1']).stream();
  const answer = await authorizedFetch(origin, { method: 'POST', body, duplex: 'half' });
  expect([answer.status, await answer.text()]).toEqual([401, 'a=1']);
  expect(received).toHaveLength(1);
  expect(asked).toEqual(['token main', 'refused main 1']);
  expect(noted).toEqual([]);
});

test('once the signal has aborted, nothing is asked for and nothing is sent', async () => {
  const { origin, received } = await api('token-1');
  const { authorizedFetch, asked, controller } = setUp([origin]);
  controller.abort();
  await expect(authorizedFetch(origin)).rejects.toMatchObject({ name: 'AbortError' });
  expect([asked, received]).toEqual([[], []]);
});

test('the handler’s own signal ends a request as well as the attempt’s', async () => {
  for (const whose of ['handler', 'attempt']) {
    const own = new AbortController();
    let asked: () => void = () => undefined;
    const { origin } = await httpServer(() => asked());
    const { authorizedFetch, controller } = setUp([origin]);
    asked = () => (whose === 'handler' ? own : controller).abort();
    await expect(authorizedFetch(origin, { signal: own.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  }
});

/** Collects garbage until then, as a busy process does. */
async function collecting<T>(work: Promise<T>): Promise<T> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const timer = setInterval(collect, 20);
  return work.finally(() => clearInterval(timer));
}

test('a time-out that the handler gives survives the collection of garbage, before an answer and within one', async () => {
  for (const begin of [false, true]) {
    const { origin } = await httpServer((response) => {
      if (begin) response.writeHead(200).write('the beginning');
    });
    const { authorizedFetch } = setUp([origin]);
    // No reference to it is kept here, as in a handler.
    const reading = authorizedFetch(origin, { signal: AbortSignal.timeout(300) }).then((answer) =>
      answer.text(),
    );
    const ended = reading.catch((error: unknown) => error);
    const left = new Promise((resolve) => setTimeout(resolve, 5_000, 'never').unref());
    expect(await collecting(Promise.race([ended, left]))).toMatchObject({ name: 'TimeoutError' });
  }
});

test('a signal of the handler’s that lives on is left alone once what it was given to is over', async () => {
  const { origin } = await api('token-1');
  const { authorizedFetch } = setUp([origin]);
  const { signal } = new AbortController();
  for (let time = 0; time < 3; time++) await (await authorizedFetch(origin, { signal })).text();
  await collecting(
    eventually(() => expect(getEventListeners(signal, 'abort')).toEqual([]), { timeoutMs: 10_000 }),
  );
});
