import { randomBytes } from 'node:crypto';
import { createEnvelope } from '../../../src/crypto/envelope';
import { createClientMethods } from '../../../src/db/queries/credentials/client-authentications';
import { storeTokens } from '../../../src/db/queries/credentials/store-tokens';
import { verifierContext } from '../../../src/gateway/pages/connect/authorization';
import { obtainGrant } from '../../../src/gateway/pages/connect/obtain-grant';
import { createLog } from '../../../src/lib/log';
import { refreshTokens } from '../../../src/oauth/refresh';
import { revokeToken } from '../../../src/oauth/revoke';
import type { OAuthDeclaration, Provider } from '../../../src/providers/provider';
import { acme, closeServers, serve } from '../../oauth/loopback';
import { insertCredential } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { openRules } from '../../support/connections';

const envelope = createEnvelope([{ id: 'k1', key: randomBytes(32) }]);
const lines: string[] = [];
const log = createLog('info', { write: (line) => lines.push(line) });
let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(closeServers);
afterAll(() => db.drop());

const config = {
  ...{
    publicUrl: 'https://holdfast.example',
    bodyLimitBytes: 1,
    sweepSeconds: 30,
    rateLimitPerSecond: 1,
  },
  ...{ host: '127.0.0.1', port: 3000 },
  ...{ keepLimitBytes: 1, trustedProxies: [] },
  ...{ keepLimit: 1, apiKeys: [], appName: 'app', signInUrl: undefined, allowedOrigins: [] },
  ...{ notifyUrl: undefined, ...openRules },
};

/** What a browser brings back, made into a grant and stored, as a person's reconnect does it. */
async function connect(provider: Provider, credentialId: string) {
  const stateHash = randomBytes(32);
  const journey = {
    ...{ stateHash, provider: 'acme', integrationId: 'int_1', credentialName: 'main' },
    ...{ credentialId, nonce: null, parameters: null, returnTo: null },
    ...{
      resume: true,
      sessionId: null,
      reconnectCodeHash: null,
      consentForced: false,
      userLabel: null,
      confirm: 'page' as const,
    },
    sealedCodeVerifier: envelope.seal('v'.repeat(43), verifierContext(stateHash)),
  };
  const url = new URL('https://holdfast.example/oauth/acme/callback?code=the-code&state=s');
  const deps = { config, envelope, pool: db.pool, log };
  const grant = await obtainGrant(deps, provider, journey, { url, state: 's' });
  if (grant.kind !== 'obtained') return grant;
  const { tokens, account } = grant;
  return storeTokens(db.pool, envelope, {
    ...{ credentialId, grant: { ...tokens, account, proven: true } },
  });
}

async function provider(token: object | string, account: string, oauth: Partial<OAuthDeclaration>) {
  const { port } = await serve((response, { url }) =>
    response.end(
      url === '/me' ? account : typeof token === 'string' ? token : JSON.stringify(token),
    ),
  );
  const origin = `http://127.0.0.1:${port}`;
  const source = { url: `${origin}/me`, pointer: '/id', labelPointer: '/email' };
  return acme(origin, { account: source, ...oauth });
}

const credential = () =>
  insertCredential(db.pool, { provider: 'acme', state: 'missing', version: 0 });

const row = async (id: string) => {
  const { rows } = await db.pool.query<Record<string, unknown>>(
    'SELECT version, account_id, account_label, scope FROM credentials WHERE id = $1',
    [id],
  );
  return rows[0];
};

test('a NUL in what comes beside the tokens costs no grant: it is stored with a replacement', async () => {
  const id = await credential();
  const token = { access_token: 'a', expires_in: 3600, scope: 'a\0b \ud800' };
  const account = JSON.stringify({ id: 'acct\0-1', email: 'a\0b' });
  const odd = await provider(token, account, {});
  expect(await connect(odd, id)).toMatchObject({ kind: 'stored', version: 1 });
  expect(await row(id)).toEqual({
    ...{ version: 1, account_id: 'acct\ufffd-1', account_label: 'a\ufffdb' },
    scope: 'a\ufffdb \ufffd',
  });
  // It is the same account when it comes back.
  expect(await connect(odd, id)).toMatchObject({ kind: 'stored', version: 2 });
});

test('an account whose number is beyond 2^53 is connected, and is not its neighbour', async () => {
  const id = await credential();
  const at = { account: { tokenResponsePointer: '/user_id' } };
  const named = (user: string) => provider(`{"access_token":"a","user_id":${user}}`, '', at);
  expect(await connect(await named('17841405793187218'), id)).toMatchObject({ kind: 'stored' });
  expect(await row(id)).toMatchObject({ account_id: '17841405793187218' });
  expect(await connect(await named('"17841405793187218"'), id)).toMatchObject({ version: 2 });
  expect(await connect(await named('17841405793187219'), id)).toEqual({
    kind: 'account_mismatch',
    stored: { id: '17841405793187218', label: null },
  });
});

test('how a client was taken at the exchange is kept, for every process, and told with the line to declare', async () => {
  const id = await credential();
  const server = await serve((response, { form, url }) => {
    const isRight = form.has('client_secret');
    response.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' });
    response.end(isRight ? '{"access_token":"n"}' : '{"error":"invalid_client"}');
    expect(['/token', '/revoke']).toContain(url);
  });
  const origin = `http://127.0.0.1:${server.port}`;
  const declared = acme(origin, { revocationUrl: `${origin}/revoke` });
  expect(await connect(declared, id)).toMatchObject({ kind: 'stored', version: 1 });
  expect(server.requests).toHaveLength(2);
  const line = lines.map((text) => JSON.parse(text) as object);
  expect(line).toContainEqual(
    expect.objectContaining({
      ...{ event: 'client_authentication.found', provider: 'acme', clientId: 'client', origin },
      declare: "clientAuthentication: 'client_secret_post'",
    }),
  );

  // Another process, which has only the row.
  let now = 0;
  const clientMethods = createClientMethods(db.pool, log, () => now);
  const options = { signal: AbortSignal.timeout(5_000), clientMethods };
  const request = { refreshToken: 'r', unansweredBefore: false };
  expect(await refreshTokens(declared, request, options)).toMatchObject({ kind: 'refreshed' });
  const token = { value: 'the-token', hint: 'refresh_token' } as const;
  expect(await revokeToken(declared, token, options)).toEqual({ kind: 'revoked' });
  expect(server.requests).toHaveLength(4);

  // It learns at once of what others find later, and of another way in time.
  const at = { provider: 'acme', clientId: 'client', origin: 'https://other.example' };
  const other = createClientMethods(db.pool, log);
  expect(await clientMethods.known(at)).toBeUndefined();
  await other.remember(at, 'client_secret_basic');
  expect(await clientMethods.known(at)).toBe('client_secret_basic');
  await other.remember(at, 'client_secret_post');
  expect(await clientMethods.known(at)).toBe('client_secret_basic');
  now = 10_000;
  expect(await clientMethods.known(at)).toBe('client_secret_post');

  // What is declared since then counts more; what was declared when it was found, less.
  const basic = { ...at, declared: 'client_secret_basic' } as const;
  const post = { ...at, declared: 'client_secret_post' } as const;
  expect(await clientMethods.known(basic)).toBeUndefined();
  await other.remember(basic, 'client_secret_post');
  now = 20_000;
  expect(await clientMethods.known(basic)).toBe('client_secret_post');
  expect(await clientMethods.known(at)).toBe('client_secret_post');
  for (const methods of [clientMethods, other]) expect(await methods.known(post)).toBeUndefined();
});
