import { closeServers } from '../../oauth/loopback';
import {
  authorizationAddress,
  client,
  connect,
  exchange,
  lifetimeSeconds,
  probe,
  refresh,
  revoke,
  startVendor,
  untouched,
  type Answer,
} from './vendor';

afterEach(closeServers);

const token = 'POST https://slack.com/api/oauth.v2.access';
const test = 'GET https://slack.com/api/auth.test';
const revocation = 'POST https://slack.com/api/auth.revoke';

const installed = {
  ok: true,
  access_token: 'token-1',
  token_type: 'bot',
  scope: 'team:read',
  bot_user_id: 'U0KRQLJ9H',
  app_id: 'A0KRD7HC3',
  team: { name: 'Slack Softball Team', id: 'T9TK3CUKW' },
  enterprise: null,
  authed_user: { id: 'U1234' },
};

it('sends a person to Slack without PKCE, which Slack refuses of an app that has not chosen it', async () => {
  const provider = untouched('slack');
  const { origin, pathname, searchParams } = await authorizationAddress({
    ...provider,
    oauth: { clientId: 'x', ...provider.oauth, scopes: ['team:read', 'chat:write'] },
  });
  expect(origin + pathname).toBe('https://slack.com/oauth/v2/authorize');
  expect(searchParams.get('scope')).toBe('team:read,chat:write');
  expect([...searchParams.keys()].filter((name) => name.startsWith('code_'))).toEqual([]);
});

it("connects a bot, whose token doesn't expire, and finds its workspace in the answer", async () => {
  const vendor = await startVendor('slack', { [token]: installed });
  const { tokens, account } = await connect(vendor);
  expect(tokens).toMatchObject({ accessToken: 'token-1', scopes: ['team:read'] });
  expect(account).toEqual({ kind: 'account', id: 'T9TK3CUKW', label: 'Slack Softball Team' });
  const [asked] = vendor.requests;
  expect(asked?.headers.authorization).toBeUndefined();
  expect(Object.fromEntries(asked?.form ?? [])).toEqual({
    grant_type: 'authorization_code',
    code: 'the-code',
    redirect_uri: expect.any(String) as string,
    client_id: client.clientId,
    client_secret: client.clientSecret,
  });
});

it('finds the organization where one has installed the app, and no workspace', async () => {
  const enterprise = { id: 'E1XXX', name: 'Starship' };
  const vendor = await startVendor('slack', {
    [token]: { ...installed, team: null, enterprise, is_enterprise_install: true },
  });
  const { account } = await connect(vendor);
  expect(account).toMatchObject({ kind: 'account', id: 'E1XXX' });
});

it('rotates the tokens of an app that has rotation on', async () => {
  const vendor = await startVendor('slack', {
    [token]: {
      ...installed,
      access_token: 'token-2',
      expires_in: 43200,
      refresh_token: 'refresh-2',
    },
  });
  const result = await refresh(vendor);
  if (result.kind !== 'refreshed') throw new Error(result.code);
  expect(result.tokens).toMatchObject({ accessToken: 'token-2', refreshToken: 'refresh-2' });
  expect(lifetimeSeconds(result.tokens)).toBe(43200);
});

it.each([
  ['invalid_refresh_token', { kind: 'dead', code: 'invalid_grant' }],
  ['token_revoked', { kind: 'dead', code: 'invalid_grant' }],
  ['token_expired', { kind: 'dead', code: 'invalid_grant' }],
  ['account_inactive', { kind: 'dead', code: 'invalid_grant' }],
  ['bad_client_secret', { kind: 'app_fault', code: 'bad_client_secret' }],
  ['invalid_client_id', { kind: 'app_fault', code: 'invalid_client_id' }],
  ['invalid_grant_type', { kind: 'app_fault', code: 'invalid_grant_type' }],
  ['internal_error', { kind: 'transient', code: 'internal_error', unanswered: false }],
  ['ratelimited', { kind: 'transient', code: 'ratelimited', unanswered: false }],
])('reads a 200 that refuses a refresh token with %s', async (error, outcome) => {
  const vendor = await startVendor('slack', { [token]: { ok: false, error } });
  expect(await refresh(vendor)).toEqual(outcome);
});

it.each([
  ['invalid_code', 'invalid'],
  ['bad_redirect_uri', 'app_fault'],
  ['no_scopes', 'app_fault'],
  ['oauth_authorization_url_mismatch', 'app_fault'],
  ['pkce_not_allowed', 'app_fault'],
])('reads a 200 that refuses a code with %s', async (error, kind) => {
  const vendor = await startVendor('slack', { [token]: { ok: false, error } });
  expect(await exchange(vendor)).toEqual({ kind, code: error });
});

it.each<[Answer, string]>([
  [{ ok: true, url: 'https://softball.slack.com/', team_id: 'T9TK3CUKW' }, 'accepted'],
  [{ ok: false, error: 'invalid_auth' }, 'refused'],
  [{ ok: false, error: 'token_revoked' }, 'refused'],
  [{ ok: false, error: 'token_expired' }, 'refused'],
  [{ ok: false, error: 'account_inactive' }, 'refused'],
  [{ ok: false, error: 'not_authed' }, 'refused'],
  [[429, { ok: false, error: 'ratelimited' }], 'unknown'],
])('reads %j about a token', async (answer, verdict) => {
  const vendor = await startVendor('slack', { [test]: answer });
  expect(await probe(vendor)).toBe(verdict);
  expect(vendor.requests[0]?.headers.authorization).toBe('Bearer token-1');
});

it.each<[Answer, object]>([
  [{ ok: true, revoked: true }, { kind: 'revoked' }],
  [{ ok: false, error: 'token_revoked' }, { kind: 'revoked' }],
  [
    { ok: false, error: 'fatal_error' },
    { kind: 'failed', code: 'fatal_error' },
  ],
])('takes a token back: %j', async (answer, result) => {
  const vendor = await startVendor('slack', { [revocation]: answer });
  expect(await revoke(vendor, 'access_token')).toEqual(result);
  expect(vendor.requests[0]?.headers.authorization).toBe('Bearer token-1');
});
