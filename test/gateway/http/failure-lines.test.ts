import { agree, Browser, type Landing } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { comingBack, connect, link } from '../journey';
import { loggedSecrets } from '../logged-secrets';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

interface End {
  id: string;
  page: Landing;
}

async function back(
  userId: string,
  change: (callback: URL) => void = () => undefined,
): Promise<End> {
  const { browser, callback, id } = await comingBack(fixture, userId);
  change(callback);
  return { id, page: await browser.open(callback) };
}

const expire = (table: string, column: string, id: string) =>
  fixture.pool.query(`UPDATE ${table} SET ${column} = now() WHERE integration_id = $1`, [id]);

const bring = (query: Record<string, string>) => (callback: URL) => {
  callback.searchParams.delete('code');
  for (const [name, value] of Object.entries(query)) callback.searchParams.set(name, value);
};

const ends: Record<string, (userId: string) => Promise<End>> = {
  'the person says no': (userId) => back(userId, bring({ error: 'access_denied' })),
  'the provider says through the browser that it is down': (userId) =>
    back(userId, bring({ error: 'temporarily_unavailable' })),
  'the provider refuses the application, as the browser says': (userId) =>
    back(userId, bring({ error: 'unauthorized_client' })),
  'the code is made up': (userId) => back(userId, bring({ code: 'made-up' })),
  'the code was used with another state': async (userId) => {
    const first = await comingBack(fixture, userId);
    await first.browser.open(first.callback);
    return back(`${userId}-2`, bring({ code: first.callback.searchParams.get('code') ?? '' }));
  },
  'the issuer is another one': (userId) =>
    back(userId, (callback) => callback.searchParams.set('iss', 'https://evil.example')),
  'the issuer is missing': (userId) =>
    back(userId, (callback) => callback.searchParams.delete('iss')),
  'the token endpoint is down': (userId) => {
    fixture.server.nextExchange = 'server_error';
    return back(userId);
  },
  'the token endpoint refuses the application': (userId) => {
    fixture.server.nextExchange = 'invalid_client';
    return back(userId);
  },
  'the account endpoint is down': (userId) => {
    fixture.server.nextAccount = 'server_error';
    return back(userId);
  },
  'the account endpoint names nobody': (userId) => {
    fixture.server.nextAccount = 'nobody';
    return back(userId);
  },
  'the state has expired': async (userId) => {
    const { browser, callback, id } = await comingBack(fixture, userId);
    await expire('oauth_states', 'expires_at', id);
    return { id, page: await browser.open(callback) };
  },
  'the state was used': async (userId) => {
    const { id } = await fixture.integration(userId);
    await connect(fixture, userId, id, `${userId}@acme`);
    // A first connection would lead to the question once more.
    const browser = new Browser();
    const pressed = await browser.press(await browser.open(await link(fixture, userId, id)));
    const { url } = await agree(browser, pressed, `${userId}@acme`, fixture.isCallback);
    await browser.open(url);
    return { id, page: await browser.open(url) };
  },
  'the browser is another one': async (userId) => {
    const { callback, id } = await comingBack(fixture, userId);
    return { id, page: await new Browser().open(callback) };
  },
  'the account is another one': async (userId) => {
    const { id } = await fixture.integration(userId);
    await connect(fixture, userId, id, `${userId}@acme`);
    return { id, page: await connect(fixture, userId, id, 'other@acme') };
  },
  'the refresh token is missing': async (userId) => {
    const { id } = await fixture.integration(userId);
    const browser = new Browser();
    const pressed = await browser.press(await browser.open(await link(fixture, userId, id)));
    fixture.server.nextExchange = 'without_refresh_token';
    const first = await agree(browser, pressed, `${userId}@acme`, fixture.isCallback);
    const asked = await browser.open(first.url);
    fixture.server.nextExchange = 'without_refresh_token';
    return { id, page: await agree(browser, asked, `${userId}@acme`) };
  },
  'the metadata cannot be read': async (userId) => {
    const { id } = await fixture.integration(userId, 'gone');
    const browser = new Browser();
    return {
      id,
      page: await browser.press(await browser.open(await link(fixture, userId, id))),
    };
  },
  'a parameter does not fit any more': async (userId) => {
    const { id } = await fixture.integration(userId, 'shop', {
      parameters: { shop: 'a.shops.example' },
    });
    const evil = { shop: 'a.shops.example.evil.example' };
    await fixture.pool.query('UPDATE credentials SET parameters = $1 WHERE user_id = $2', [
      evil,
      userId,
    ]);
    const browser = new Browser();
    return {
      id,
      page: await browser.press(await browser.open(await link(fixture, userId, id))),
    };
  },
  'the link was used': async (userId) => {
    const { id } = await fixture.integration(userId);
    const browser = new Browser();
    const url = await link(fixture, userId, id);
    await browser.press(await browser.open(url));
    return { id, page: await browser.open(url) };
  },
  'the link has expired': async (userId) => {
    const { id } = await fixture.integration(userId);
    const url = await link(fixture, userId, id);
    await expire('sessions', 'link_expires_at', id);
    return { id, page: await new Browser().open(url) };
  },
  'nobody is signed in': async (userId) => {
    const { id } = await fixture.integration(userId);
    const page = await new Browser().open(`${fixture.publicUrl}/reconnect/${id}`);
    return { id, page };
  },
};

interface Line {
  status?: number;
  integrationId?: string;
  provider?: string;
  code?: string;
  reason?: string;
}

const linesAbout = (id: string): Line[] =>
  fixture.logged
    .map((line) => JSON.parse(line) as Line)
    .filter(({ status = 0, integrationId }) => status >= 400 && integrationId === id);

test.each<[string, number, string, string | undefined, string | undefined]>([
  ['the person says no', 403, 'denied', 'access_denied', 'acme'],
  [
    'the provider says through the browser that it is down',
    503,
    'provider_unavailable',
    'temporarily_unavailable',
    'acme',
  ],
  [
    'the provider refuses the application, as the browser says',
    502,
    'app_refused',
    'unauthorized_client',
    'acme',
  ],
  ['the code is made up', 400, 'invalid_code', 'invalid_grant', 'acme'],
  ['the code was used with another state', 400, 'invalid_code', 'invalid_grant', 'acme'],
  ['the issuer is another one', 400, 'invalid_code', 'invalid_callback', 'acme'],
  ['the issuer is missing', 400, 'invalid_code', 'invalid_callback', 'acme'],
  ['the token endpoint is down', 503, 'provider_unavailable', 'temporarily_unavailable', 'acme'],
  ['the token endpoint refuses the application', 502, 'app_fault', 'invalid_client', 'acme'],
  ['the account endpoint is down', 503, 'provider_unavailable', 'http_503', 'acme'],
  ['the account endpoint names nobody', 502, 'account_unreadable', 'no_account', 'acme'],
  ['the state has expired', 410, 'state_expired', undefined, 'acme'],
  ['the state was used', 409, 'state_used', undefined, 'acme'],
  ['the browser is another one', 403, 'state_other_browser', undefined, 'acme'],
  ['the account is another one', 409, 'account_mismatch', undefined, 'acme'],
  ['the refresh token is missing', 409, 'no_refresh_token', undefined, 'acme'],
  ['the metadata cannot be read', 503, 'provider_unavailable', 'discovery_failed', 'gone'],
  ['a parameter does not fit any more', 409, 'unusable_parameters', undefined, 'shop'],
  ['the link was used', 410, 'link_used', undefined, undefined],
  ['the link has expired', 410, 'link_expired', undefined, undefined],
  ['nobody is signed in', 401, 'signed_out', undefined, undefined],
])(
  'S43 a page for the person and one line for the operator: %s',
  async (what, status, code, reason, provider) => {
    const end = ends[what];
    if (end === undefined) throw new Error('there is no such end');
    const { id, page } = await end(what.replaceAll(/\W/g, '-'));
    expect(page.status).toBe(status);
    expect(page.headers.get('content-type')).toContain('text/html');
    // It says what to do.
    expect(page.text).toMatch(/Try again|Start again|go back to|Go back to|Ask for a new one/);
    const lines = linesAbout(id);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ status, code, integrationId: id });
    expect(lines[0]?.reason).toBe(reason);
    expect(lines[0]?.provider).toBe(provider);
  },
);

test('S40 no token, code, state or link is in a log line', () => {
  expect(loggedSecrets(fixture)).toEqual([]);
});
