import { Browser } from '../browser';
import { bearer, session } from '../as-person';
import { type IdentityFixture, identityFixture } from '../identity-fixture';

let fixture: IdentityFixture;
let browser: Browser;
let own: Record<string, string>;
let theirs: string;
const neverWas = 'int_0123456789abcdefghijklmnop';

beforeAll(async () => {
  fixture = await identityFixture();
  const { body } = await fixture.api('POST', '/v1/sessions', { userId: 'ada' });
  browser = new Browser();
  await browser.press(await browser.open(body.url ?? ''));
  own = await session(fixture, 'ada');
  theirs = (await fixture.integration('someone-else')).id;
});
afterAll(() => fixture.close());

interface Told {
  status: number;
  text: string;
  headers: Record<string, string>;
  /** The statements that it took. */
  work: string[];
}

/** Everything that whoever asks could compare. */
async function told(ask: () => Promise<Response>, ...names: string[]): Promise<Told> {
  const query = jest.spyOn(fixture.pool, 'query');
  const answer = await ask();
  const text = await answer.text();
  const work = query.mock.calls.map(([statement]) => statement);
  query.mockRestore();
  const { date, 'holdfast-request-id': id, ...headers } = Object.fromEntries(answer.headers);
  expect(date).toBeDefined();
  const plain = [...names, id ?? ''].reduce((all, name) => all.replaceAll(name, '…'), text);
  return { status: answer.status, text: plain, headers, work };
}

const signedIn = (path: string) => () => browser.step(fixture.publicUrl + path);
const unknown = (path: string) => () => new Browser().step(fixture.publicUrl + path);

test.each([
  ['/reconnect/', (id: string) => `/reconnect/${id}`, 404],
  ['/oauth/…/start', (id: string) => `/oauth/acme/start?integration=${id}`, 404],
])(
  'a person hears the same of what is someone else’s and of what never was: %s',
  async (_what, path, status) => {
    const foreign = await told(signedIn(path(theirs)), theirs);
    const never = await told(signedIn(path(neverWas)), neverWas);
    expect(foreign.status).toBe(status);
    expect(foreign.work.length).toBeGreaterThan(1);
    expect(never).toEqual(foreign);
  },
);

test.each([
  ['/reconnect/', (id: string) => `/reconnect/${id}`],
  ['/oauth/…/start', (id: string) => `/oauth/acme/start?integration=${id}`],
])('who is not signed in hears the same of every connection: %s', async (_what, path) => {
  const there = await told(unknown(path(theirs)), theirs);
  const never = await told(unknown(path(neverWas)), neverWas);
  expect(there.status).toBe(401);
  expect(there.work).toEqual([]);
  expect(never).toEqual(there);
});

const asks: [string, string, (userId: string) => string][] = [
  ['GET', 'the status', (userId) => `/api/connectors/${userId}/status`],
  ['GET', 'the events', (userId) => `/api/users/${userId}/events`],
  ['GET', 'the pause', (userId) => `/api/users/${userId}/pause`],
  ['PUT', 'pausing', (userId) => `/api/users/${userId}/pause`],
  ['POST', 'switching off', (userId) => `/api/users/${userId}/connectors/main/disable`],
  ['DELETE', 'disconnecting', (userId) => `/api/users/${userId}/connectors/main`],
];

describe.each(asks)('%s, %s', (method, _what, path) => {
  const ask = (userId: string, headers: Record<string, string>) =>
    told(
      () =>
        fetch(fixture.publicUrl + path(userId), {
          method,
          headers: { ...headers, ...(method === 'PUT' ? json : {}) },
          ...(method === 'PUT' ? { body: '{"paused":true}' } : {}),
        }),
      userId,
    );
  const json = { 'content-type': 'application/json' };

  test('a session hears the same of a user that there is and of one that there is not', async () => {
    const foreign = await ask('someone-else', own);
    expect(foreign.status).toBe(403);
    expect(await ask('nobody-there', own)).toEqual(foreign);
  });

  test('so does who is not signed in, or has a token that is none', async () => {
    for (const headers of [{}, bearer('x'.repeat(43))] as Record<string, string>[]) {
      const there = await ask('someone-else', headers);
      expect(there.status).toBe(401);
      expect(await ask('nobody-there', headers)).toEqual(there);
    }
  });
});

test('a link that never was and one whose session is gone are answered alike', async () => {
  const { body } = await fixture.api('POST', '/v1/sessions', { userId: 'cy' });
  const gone = new URL(body.url ?? '').pathname;
  await fixture.pool.query(`DELETE FROM sessions WHERE user_id = 'cy'`);
  for (const method of ['GET', 'POST'] as const) {
    const headers = { origin: fixture.publicUrl };
    const at = (path: string) =>
      told(() => new Browser().step(fixture.publicUrl + path, { method, headers }), path);
    const never = await at(`/s/${'A'.repeat(43)}`);
    expect(never.status).toBe(404);
    expect(never.work).toHaveLength(1);
    expect(await at(gone)).toEqual(never);
  }
});
