import { application, ask, bearer, cookieOf, session } from '../as-person';
import { type IdentityFixture, identityFixture } from '../identity-fixture';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterEach(() => fixture.pool.query('DELETE FROM holds'));
afterAll(() => fixture.close());

describe('who may ask', () => {
  let own: Record<string, string>;
  let expired: Record<string, string>;
  let cookie: Record<string, string>;
  beforeAll(async () => {
    own = await session(fixture, 'ada');
    cookie = await cookieOf(fixture, 'ada');
    expired = await session(fixture, 'late');
    await fixture.pool.query("UPDATE sessions SET expires_at = now() WHERE user_id = 'late'");
  });
  const origin = () => ({ origin: fixture.publicUrl });

  test.each([
    ['nobody', 'ada', () => ({}), 401, 401],
    ['an unknown token', 'ada', () => bearer('unknown'), 401, 401],
    ['an unknown cookie', 'ada', () => ({ cookie: 'holdfast-session=unknown' }), 401, 401],
    ['a session that has ended', 'late', () => expired, 401, 401],
    ['Basic', 'ada', () => ({ authorization: 'Basic YWRhOmFkYQ==' }), 401, 401],
    ['nobody, about an id that is none', '-x', () => ({}), 401, 401],
    ['the person', 'ada', () => own, 200, 200],
    ['the person, about someone else', 'bob', () => own, 403, 403],
    ['the person, in another spelling', 'ADA', () => own, 403, 403],
    ['the application', 'ada', () => application, 200, 200],
    ['the application, about somebody unknown', 'nobody@example.com', () => application, 200, 200],
    ['the browser, from its own page', 'ada', () => ({ ...cookie, ...origin() }), 200, 200],
    ['the browser, about someone else', 'bob', () => ({ ...cookie, ...origin() }), 403, 403],
    ['the browser, from nowhere', 'ada', () => cookie, 200, 403],
    [
      'the browser, from another site',
      'ada',
      () => ({ ...cookie, origin: 'https://evil.example' }),
      200,
      403,
    ],
    [
      'the browser, from another port of the same host',
      'ada',
      () => ({ ...cookie, origin: 'http://127.0.0.1:1' }),
      200,
      403,
    ],
    ['the browser, from a sandbox', 'ada', () => ({ ...cookie, origin: 'null' }), 200, 403],
    ['a bad token beside a good cookie', 'ada', () => ({ ...cookie, ...bearer('x') }), 401, 401],
    ['the person, about an id that is none', '%20x', () => own, 400, 400],
    ['the application, about an id that is none', '%20x', () => application, 400, 400],
    ['the application, about two words', 'a%20b', () => application, 200, 200],
    ['the application, about a NUL', 'a%00', () => application, 400, 400],
    ['the application, about an emoji', '%F0%9F%98%80', () => application, 200, 200],
    ['the application, about half a character', '%F0', () => application, 400, 400],
    ['the application, about 255 characters', 'u'.repeat(255), () => application, 200, 200],
    ['the application, about 256 characters', 'u'.repeat(256), () => application, 400, 400],
  ] as const)('%s (%s)', async (_who, userId, headers, reading, changing) => {
    const codes: Record<number, string> = {
      400: 'invalid_request',
      401: 'unauthorized',
      403: 'forbidden',
    };
    for (const [method, status] of [
      ['GET', reading],
      ['PUT', changing],
    ] as const) {
      const answer = await ask(fixture, method, userId, headers());
      expect([method, answer.status]).toEqual([method, status]);
      expect(answer.body.error?.code).toBe(codes[status]);
    }
    const { rowCount } = await fixture.pool.query('SELECT FROM holds');
    expect(rowCount).toBe(changing === 200 ? 1 : 0);
  });
});
