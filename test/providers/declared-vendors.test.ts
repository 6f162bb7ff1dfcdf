import { refreshTokens } from '../../src/oauth/refresh';
import type { OAuthDeclaration, ProviderDeclaration } from '../../src/providers/provider';
import { acme, closeServers, serve } from '../oauth/loopback';

afterEach(closeServers);

const within = () => ({ signal: AbortSignal.timeout(10_000) });
const dead = { kind: 'dead' };
const fault = (code: string) => ({ kind: 'app_fault', code });
const passing = (code: string) => ({ kind: 'transient', code, unanswered: false });

interface Declared {
  oauth?: Partial<OAuthDeclaration>;
  refreshErrors: NonNullable<ProviderDeclaration['refreshErrors']>;
}

/** Vendors that aren't built in: what has to be declared for them. */
const vendors = {
  /** https://github.com/raycast/extensions/issues/11836, https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps */
  atlassian: {
    refreshErrors: [{ status: 403, error: 'unauthorized_client', means: 'dead' }],
  },
  /** https://github.com/schmorrison/Zoho/pull/18: errors come with 200. */
  zoho: { refreshErrors: [{ error: 'invalid_code', means: 'dead' }] },
  /** https://developers.strava.com/docs/authentication: which part of a request is wrong stands in a list. */
  strava: {
    oauth: { errorPointer: '/errors/0/resource' },
    refreshErrors: [
      { error: 'RefreshToken', means: 'dead' },
      { error: 'Application', means: 'app' },
    ],
  },
  /** https://github.com/PLhery/node-twitter-api-v2/issues/496: the same code for whatever is wrong with a grant. */
  x: { refreshErrors: [{ status: 400, error: 'invalid_request', means: 'dead' }] },
} satisfies Record<string, Declared>;

type Answered = [vendor: keyof typeof vendors, status: number, body: unknown, outcome: object];

it.each<Answered>([
  [
    'atlassian',
    403,
    { error: 'unauthorized_client', error_description: 'refresh_token is invalid' },
    dead,
  ],
  [
    'atlassian',
    403,
    { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' },
    dead,
  ],
  ['atlassian', 401, { error: 'access_denied' }, passing('access_denied')],
  ['zoho', 200, { error: 'invalid_code' }, dead],
  ['zoho', 200, { error: 'invalid_client' }, fault('invalid_client')],
  [
    'strava',
    400,
    {
      message: 'Bad Request',
      errors: [{ resource: 'RefreshToken', field: 'refresh_token', code: 'invalid' }],
    },
    dead,
  ],
  [
    'strava',
    400,
    {
      message: 'Bad Request',
      errors: [{ resource: 'Application', field: 'client_secret', code: 'invalid' }],
    },
    fault('Application'),
  ],
  [
    'x',
    400,
    {
      error: 'invalid_request',
      error_description: 'Value passed for the token was invalid.',
    },
    dead,
  ],
  [
    'x',
    401,
    { error: 'unauthorized_client', error_description: 'Missing valid authorization header' },
    fault('unauthorized_client'),
  ],
])('%s refuses a refresh token with %i %j', async (vendor, status, body, outcome) => {
  const { port } = await serve((response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  const { oauth, ...rest }: Declared = vendors[vendor];
  const provider = acme(`http://127.0.0.1:${String(port)}`, oauth, rest);
  const request = { refreshToken: 'refresh-1', unansweredBefore: false };
  expect(await refreshTokens(provider, request, within())).toMatchObject(outcome);
});
