import type http from 'node:http';
import { refreshTokens } from '../../src/oauth/refresh';
import { openRegistry } from '../support/connections';
import type { Provider } from '../../src/providers/provider';
import { closedPort, closeServers, serve } from './loopback';

afterEach(closeServers);

function byIssuer(issuer: string): Provider {
  const oauth = { issuer, clientId: 'client', clientSecret: 'the-client-secret' };
  const provider = openRegistry({ providers: { acme: { oauth } } }).get('acme');
  if (provider === undefined) throw new Error('The registry lost its provider.');
  return provider;
}

async function refresh(provider: Provider) {
  const request = { refreshToken: 'the-refresh-token', unansweredBefore: false };
  const outcome = await refreshTokens(provider, request, { signal: AbortSignal.timeout(10_000) });
  delete outcome.asked;
  return outcome;
}

/** An issuer whose metadata stands at one address only, and which may be told to fail. */
async function startIssuer(wellKnown: string) {
  const state = { healthy: true, name: (origin: string) => origin, more: {} };
  const answer = (response: http.ServerResponse, url: string, origin: string) => {
    if (url === '/token') return response.end('{"access_token":"a"}');
    if (!state.healthy || url !== wellKnown) return response.writeHead(404).end('<h1>No</h1>');
    return response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        issuer: state.name(origin),
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        ...state.more,
      }),
    );
  };
  const server = await serve((response, { url, headers }) =>
    answer(response, url, `http://${headers.host ?? ''}`),
  );
  const issuer = `http://127.0.0.1:${server.port}`;
  const asked = (url: string) => server.requests.filter((request) => request.url === url).length;
  return { state, issuer, asked };
}

const failed = { kind: 'transient', code: 'discovery_failed', unanswered: false };

it.each(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])(
  'finds the token endpoint at %s, once for all who wait',
  async (wellKnown) => {
    const { issuer, asked } = await startIssuer(wellKnown);
    const provider = byIssuer(issuer);
    const results = await Promise.all([refresh(provider), refresh(provider), refresh(provider)]);
    results.push(await refresh(provider));
    for (const result of results) expect(result).toMatchObject({ kind: 'refreshed' });
    expect(asked(wellKnown)).toBe(1);
    expect(asked('/token')).toBe(4);
  },
);

it('S30 is transient where it fails, sends no token, and is tried again', async () => {
  const { issuer, state, asked } = await startIssuer('/.well-known/openid-configuration');
  const provider = byIssuer(issuer);
  state.healthy = false;
  expect(await refresh(provider)).toEqual(failed);
  expect(asked('/token')).toBe(0);
  state.healthy = true;
  expect(await refresh(provider)).toMatchObject({ kind: 'refreshed' });
  expect(await refresh(byIssuer(`http://127.0.0.1:${await closedPort()}`))).toEqual(failed);
});

it.each([
  { token_endpoint: 'nowhere' },
  { token_endpoint: 7 },
  { token_endpoint: null },
  { authorization_endpoint: '/authorize' },
  { authorization_endpoint: ['https://acme.example'] },
])('S30 takes metadata with %j for none', async (more) => {
  const { issuer, state, asked } = await startIssuer('/.well-known/openid-configuration');
  state.more = more;
  expect(await refresh(byIssuer(issuer))).toEqual(failed);
  expect(asked('/token')).toBe(0);
});

it.each(['client_secret_post', null, 7, { 0: 'client_secret_post' }])(
  'takes %j for no ways to authenticate a client',
  async (supported) => {
    const { issuer, state } = await startIssuer('/.well-known/openid-configuration');
    state.more = { token_endpoint_auth_methods_supported: supported };
    expect(await refresh(byIssuer(issuer))).toMatchObject({ kind: 'refreshed' });
  },
);

it('does not believe metadata of another issuer', async () => {
  const { issuer, state, asked } = await startIssuer('/.well-known/openid-configuration');
  state.name = () => 'https://evil.example';
  expect(await refresh(byIssuer(issuer))).toEqual(failed);
  expect(asked('/token')).toBe(0);
});

it('S40 sends no token over plain http to another machine', async () => {
  const server = await serve((response, { headers }) => {
    const issuer = `http://${headers.host ?? ''}`;
    const elsewhere = 'http://acme.example';
    const endpoints = { authorization_endpoint: elsewhere, token_endpoint: `${elsewhere}/token` };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ issuer, ...endpoints }));
  });
  expect(await refresh(byIssuer(`http://127.0.0.1:${server.port}`))).toEqual({
    kind: 'transient',
    code: 'insecure_address',
    unanswered: false,
  });
});
