import { probeToken } from '../../src/oauth/probe';
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

async function vendorThatAnswers(status: number, body: unknown, type = 'application/json') {
  const { port } = await serve((response) => {
    response.writeHead(status, { 'content-type': type });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  return `http://127.0.0.1:${String(port)}`;
}

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
  const { oauth, ...rest }: Declared = vendors[vendor];
  const provider = acme(await vendorThatAnswers(status, body), oauth, rest);
  const request = { refreshToken: 'refresh-1', unansweredBefore: false };
  expect(await refreshTokens(provider, request, within())).toMatchObject(outcome);
});

/** https://developers.facebook.com/docs/graph-api/guides/error-handling: a code in a nested object. */
const meta = { oauth: { errorPointer: '/error/code' }, refusedErrors: [190] };
/** https://github.com/jsforce/jsforce (`Bad_OAuth_Token`): a word as the whole of the text. */
const salesforce = { oauth: {}, refusedErrors: ['Bad_OAuth_Token'] };

it.each([
  [
    'meta',
    meta,
    400,
    {
      error: {
        message: 'Error validating access token: Session has expired on Friday.',
        type: 'OAuthException',
        code: 190,
        error_subcode: 463,
        fbtrace_id: 'EJplcsCHuLu',
      },
    },
    'refused',
  ],
  [
    'meta',
    meta,
    400,
    { error: { message: 'User request limit reached', type: 'OAuthException', code: 17 } },
    'unknown',
  ],
  ['salesforce', salesforce, 403, 'Bad_OAuth_Token', 'refused'],
  ['salesforce', salesforce, 403, 'Missing_OAuth_Token', 'unknown'],
] as const)(
  '%s, declared as %j, answers a token at its API with %i %j',
  async (_, declared, status, body, verdict) => {
    const type = typeof body === 'string' ? 'text/html' : 'application/json';
    const origin = await vendorThatAnswers(status, body, type);
    const { oauth, refusedErrors } = declared;
    const probe = { url: `${origin}/me`, everySeconds: 3600 };
    const provider = acme(origin, oauth, { probe, refusedErrors: [...refusedErrors] });
    expect(await probeToken(provider, 'access-1', within())).toBe(verdict);
  },
);
