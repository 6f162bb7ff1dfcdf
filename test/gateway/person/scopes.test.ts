import { cookieOf, session } from '../as-person';
import { type IdentityFixture, identityFixture } from '../identity-fixture';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
  await fixture.integration('ada');
});
afterAll(() => fixture.close());

const scopes = ['read', 'manage', 'delete'] as const;

async function asked(headers: Record<string, string>, method: string, path: string, body?: object) {
  const answer = await fetch(fixture.publicUrl + path, {
    method,
    headers: {
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const { error } = JSON.parse(text === '' ? '{}' : text) as { error?: { code: string } };
  return { status: answer.status, code: error?.code, scope: answer.headers.get('holdfast-scope') };
}

// A name that nobody has: who may ask for it learns so.
describe.each([
  ['read', 'GET', '/api/connectors/ada/status', undefined, 200],
  ['read', 'HEAD', '/api/users/ada/events', undefined, 200],
  ['read', 'GET', '/api/users/ada/pause', undefined, 200],
  ['read', 'POST', '/api/users/ada/connectors/main/link', {}, 201],
  ['manage', 'PUT', '/api/users/ada/pause', { paused: false }, 200],
  ['manage', 'POST', '/api/users/ada/connectors/none/enable', {}, 404],
  ['manage', 'POST', '/api/users/ada/connectors/none/disable', {}, 404],
  ['delete', 'DELETE', '/api/users/ada/connectors/none', undefined, 404],
] as const)('what needs %s: %s %s', (needed, method, path, body, status) => {
  it.each(scopes)('asked with %s, by bearer and by cookie', async (scope) => {
    const isAllowed = scopes.indexOf(scope) >= scopes.indexOf(needed);
    const own = { origin: fixture.publicUrl };
    for (const headers of [
      await session(fixture, 'ada', { scope }),
      { ...(await cookieOf(fixture, 'ada', { scope })), ...own },
    ]) {
      const answer = await asked(headers, method, path, body);
      expect(answer).toMatchObject({ scope, status: isAllowed ? status : 403 });
      if (!isAllowed) expect(answer.code).toBe('insufficient_scope');
    }
  });
});

const buttons = {
  'Pause everything': ['manage', 'delete'],
  'Switch off': ['manage', 'delete'],
  Disconnect: ['delete'],
};

test.each(scopes)('the page shows to %s no button that it may not press', async (scope) => {
  const page = await fetch(fixture.publicUrl, {
    headers: await cookieOf(fixture, 'ada', { scope }),
  });
  const text = await page.text();
  for (const [label, allowed] of Object.entries(buttons)) {
    expect([label, text.includes(label)]).toEqual([label, allowed.includes(scope)]);
  }
  expect(text).toContain('/reconnect/');
});

test.each([
  ['read', false],
  ['manage', true],
])('a reconnect with %s switches on what is off: %s', async (scope, resume) => {
  const { id } = await fixture.integration(`off-${scope}`);
  const cookie = await cookieOf(fixture, `off-${scope}`, { scope });
  await fetch(`${fixture.publicUrl}/oauth/acme/start?integration=${id}`, {
    headers: cookie,
    redirect: 'manual',
  });
  const { rows } = await fixture.pool.query(
    'SELECT DISTINCT resume FROM oauth_states WHERE integration_id = $1',
    [id],
  );
  expect(rows).toEqual([{ resume }]);
});
