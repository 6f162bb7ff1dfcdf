import { authorizationRequest, type AuthorizationRequest } from '../../src/oauth/authorize';
import type { OAuthDeclaration } from '../../src/providers/provider';
import { acme } from './loopback';

/** RFC 7636 appendix B. */
const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const codeChallenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

const request = {
  redirectUri: 'http://localhost:3000/oauth/acme/callback',
  state: 'the-state',
  codeVerifier,
  nonce: 'the-nonce',
};

async function addressOf(
  oauth: Partial<OAuthDeclaration> = {},
  more: Partial<AuthorizationRequest> = {},
): Promise<{ address: string; query: Record<string, string>; count: number }> {
  const url = await authorizationRequest(acme('https://acme.example', oauth), {
    ...request,
    ...more,
  });
  const query = Object.fromEntries(url.searchParams);
  return { address: url.origin + url.pathname, query, count: url.searchParams.size };
}

it('asks for a code with the PKCE challenge of RFC 7636 appendix B', async () => {
  const { address, query } = await addressOf({ scopes: ['contacts.read', 'contacts.write'] });
  expect(address).toBe('https://acme.example/authorize');
  expect(query).toEqual({
    client_id: 'client',
    response_type: 'code',
    redirect_uri: request.redirectUri,
    scope: 'contacts.read contacts.write',
    state: 'the-state',
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
  });
});

it('adds what is declared, which replaces nothing that makes the request safe', async () => {
  const authorizationParameters = {
    access_type: 'offline',
    prompt: 'select_account',
    state: 'a-fixed-state',
    redirect_uri: 'https://evil.example',
    code_challenge_method: 'plain',
  };
  const { query, count } = await addressOf({ authorizationParameters });
  expect(query).toMatchObject({
    access_type: 'offline',
    prompt: 'select_account',
    state: 'the-state',
    redirect_uri: request.redirectUri,
    code_challenge_method: 'S256',
  });
  expect(count).toBe(Object.keys(query).length);
  expect((await addressOf({ authorizationParameters }, { prompt: 'consent' })).query).toMatchObject(
    {
      access_type: 'offline',
      prompt: 'consent',
    },
  );
});

it('sends the nonce only where the account comes from an ID token', async () => {
  expect((await addressOf()).query).not.toHaveProperty('nonce');
  const { query } = await addressOf({
    issuer: 'https://acme.example',
    scopes: ['openid'],
    account: { idTokenClaim: 'sub' },
  });
  expect(query['nonce']).toBe('the-nonce');
});

it('fills the address with what the connection brought, once it was checked', async () => {
  const oauth = {
    authorizationUrl: 'https://{shop}/admin/oauth/authorize?grant=offline',
    parameters: { shop: /^[a-z0-9-]+\.myshopify\.com$/ },
  };
  const { address, query } = await addressOf(oauth, { parameters: { shop: 'mine.myshopify.com' } });
  expect(address).toBe('https://mine.myshopify.com/admin/oauth/authorize');
  expect(query['grant']).toBe('offline');
  for (const shop of ['evil.example', 'mine.myshopify.com.evil.example', '']) {
    const asked = addressOf(oauth, { parameters: { shop } });
    await expect(asked).rejects.toMatchObject({ code: 'invalid_request', status: 400 });
  }
  await expect(addressOf(oauth)).rejects.toMatchObject({ code: 'invalid_request' });
});
