import http from 'node:http';
import { listen } from './loopback';
import { quietConsole } from '../support/doubles/quiet-console';

export const clientId = 'holdfast';
export const clientSecret = 'the-client-secret';
export const redirectUri = 'http://localhost:3000/oauth/acme/callback';

/** A real authorization server that rotates refresh tokens and punishes their reuse. */
export async function startAuthorizationServer(): Promise<{
  issuer: string;
  tokenRequests: () => number;
}> {
  let handle: http.RequestListener = (_request, response) => response.end();
  let tokenRequests = 0;
  const server = http.createServer((request, response) => {
    if (request.url === '/token') tokenRequests += 1;
    handle(request, response);
  });
  const { port } = await listen(server);
  const issuer = `http://127.0.0.1:${String(port)}`;
  // It warns of what only tests may use, already when it is loaded.
  const restoreConsole = quietConsole('warn');
  const { Provider } = await import('oidc-provider');
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access'],
    features: {
      revocation: { enabled: true, allowedPolicy: () => true },
      userinfo: { enabled: true },
    },
    findAccount: (_context: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    ttl: {
      AccessToken: 3_600,
      Grant: 3_600,
      IdToken: 3_600,
      Interaction: 3_600,
      RefreshToken: 3_600,
      Session: 3_600,
    },
    cookies: { keys: ['a-key-for-tests'] },
  });
  restoreConsole();
  handle = provider.callback();
  return { issuer, tokenRequests: () => tokenRequests };
}

/**
 * What a person's browser does with the authorization server's own pages: signs in and consents.
 * @returns the callback's address, which is not visited
 */
export async function signIn(authorizationUrl: URL, person: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let next = authorizationUrl;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < 12; step += 1) {
    const response = await fetch(next, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) keep(cookies, cookie);
    const location = response.headers.get('location');
    if (location !== null) {
      next = new URL(location, next);
      form = undefined;
      if (next.href.startsWith(redirectUri)) return next;
      continue;
    }
    const page = await response.text();
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (prompt === undefined) throw new Error(`No form at step ${String(step)}: ${page}`);
    form = new URLSearchParams({ prompt, login: person, password: 'anything' });
  }
  throw new Error('The sign-in did not end.');
}

function keep(cookies: Map<string, string>, header: string): void {
  const [pair = ''] = header.split(';');
  const [name = '', value = ''] = pair.split('=');
  if (/expires=Thu, 01 Jan 1970/i.test(header)) cookies.delete(name);
  else cookies.set(name, value);
}
