import { freePort } from '../support/processes/free-port';
import { markProvider } from '../support/recorder/server-roles';
import { quietConsole } from '../support/doubles/quiet-console';

export interface AuthorizationServer {
  issuer: string;
  /** Every token endpoint answer's access and refresh tokens: for searching what was logged. */
  issued: string[];
  /** What the next code exchange does; back to normal by itself. */
  nextExchange:
    | 'normal'
    | 'without_scope'
    | 'without_refresh_token'
    /** Nothing is said of an end either. */
    | 'endless'
    | 'server_error'
    | 'invalid_client';
  /** What is said to who asks next whose account it is; back to normal by itself. */
  nextAccount: 'normal' | 'server_error' | 'nobody';
  close(): Promise<void>;
}

const hour = 3_600;

/** A real OpenID provider with PKCE required, rotating refresh tokens, and a form for any login. */
export async function authorizationServer(redirectUris: string[]): Promise<AuthorizationServer> {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const server: AuthorizationServer = {
    issuer,
    issued: [],
    nextExchange: 'normal',
    nextAccount: 'normal',
    close: async () => {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
  // It warns of what it is not meant for, already when it is loaded.
  const restoreConsole = quietConsole('warn');
  const { Provider } = await import('oidc-provider');
  /** A client that is refused is tried in the other common way too: both are of one exchange. */
  let isSecondWay = false;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'holdfast',
        client_secret: 'the-client-secret',
        redirect_uris: redirectUris,
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    cookies: { keys: ['cookie-key'] },
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub'] },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id }),
    }),
    rotateRefreshToken: true,
    ttl: {
      ...{ AccessToken: hour, Grant: hour, IdToken: hour, Interaction: hour },
      ...{ RefreshToken: hour, Session: hour },
    },
  });
  restoreConsole();
  provider.use(async (context, next) => {
    if (context.path === '/me' && server.nextAccount !== 'normal') {
      context.status = server.nextAccount === 'nobody' ? 200 : 503;
      context.body = {};
      server.nextAccount = 'normal';
      return;
    }
    if (context.path !== '/token') return next();
    const mode = server.nextExchange;
    isSecondWay = mode === 'invalid_client' && !isSecondWay;
    if (!isSecondWay) server.nextExchange = 'normal';
    if (mode === 'server_error' || mode === 'invalid_client') {
      context.status = mode === 'server_error' ? 503 : 401;
      context.body = { error: mode === 'server_error' ? 'temporarily_unavailable' : mode };
      return;
    }
    await next();
    const answer = context.body as Record<string, string>;
    server.issued.push(answer['access_token'] ?? '', answer['refresh_token'] ?? '');
    if (mode === 'without_refresh_token' || mode === 'endless') delete answer['refresh_token'];
    if (mode === 'endless') delete answer['expires_in'];
    if (mode === 'without_scope') delete answer['scope'];
  });
  const listener = provider.listen(port, '127.0.0.1');
  markProvider(listener);
  await new Promise((resolve) => listener.once('listening', resolve));
  return server;
}
