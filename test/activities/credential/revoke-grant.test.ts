import { randomBytes } from 'node:crypto';
import { createProviderPlaces } from '../../../activities/credential/provider-places';
import { createRevokeGrant } from '../../../activities/credential/revoke-grant';
import { createEnvelope } from '../../../src/crypto/envelope';
import { newId } from '../../../src/lib/ids';
import { createLog } from '../../../src/lib/log';
import { openRegistry } from '../../support/connections';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { eventually } from '../../support/eventually';
import {
  type RevocationEndpoint,
  startRevocationEndpoint,
} from '../../support/doubles/revocation-endpoint';
import { insertCredential, insertIntegration } from '../../support/scenes/rows';

const envelope = createEnvelope([{ id: 'k1', key: randomBytes(32) }]);
let db: TestDatabase;
let endpoint: RevocationEndpoint;
let lines: string[];

beforeAll(async () => {
  db = await testDatabase();
});
beforeEach(async () => {
  endpoint = await startRevocationEndpoint();
  lines = [];
});
afterEach(async () => {
  await db.pool.query(
    'TRUNCATE revocations, credentials, integrations, oauth_states, confirmations CASCADE',
  );
  await endpoint.close();
});
afterAll(() => db.drop());

interface Row {
  userId?: string;
  accountId?: string | null;
  provider?: string;
  refreshToken?: string | null;
  sealedWith?: typeof envelope;
}

/** As a deletion leaves it. */
async function deleted(row: Row = {}): Promise<string> {
  const id = newId('crd');
  const { userId = 'user-1', accountId = 'account-1', provider = 'acme' } = row;
  const { refreshToken = `refresh-${id}`, sealedWith = envelope } = row;
  await db.pool.query(
    `INSERT INTO revocations (credential_id, user_id, provider, account_id, version, access_token,
                              refresh_token)
     VALUES ($1, $2, $3, $4, 1, $5, $6)`,
    [
      ...[id, userId, provider, accountId],
      sealedWith.seal(`access-${id}`, `credentials.access_token:${id}`),
      refreshToken === null
        ? null
        : sealedWith.seal(refreshToken, `credentials.refresh_token:${id}`),
    ],
  );
  return id;
}

const credential = (userId: string, accountId: string | null, version = 1) =>
  insertCredential(db.pool, {
    ...{ user_id: userId, account_id: accountId, version },
    state: version === 0 ? 'missing' : 'alive',
  });

const revoke = (credentialId: string) => {
  const oauth = {
    authorizationUrl: 'http://127.0.0.1:1/authorize',
    tokenUrl: 'http://127.0.0.1:1/token',
    clientId: 'client',
    clientSecret: 'client-secret-of-the-tests',
  };
  const registry = openRegistry({
    providers: { acme: { oauth: { ...oauth, revocationUrl: endpoint.url } }, plain: { oauth } },
  });
  const log = createLog('info', { write: (line) => void lines.push(line) });
  return createRevokeGrant({
    pool: db.pool,
    envelope,
    registry,
    log,
    providerPlaces: createProviderPlaces(registry),
  })({ credentialId });
};

const remaining = async () =>
  (await db.pool.query<{ id: string }>('SELECT credential_id AS id FROM revocations')).rows.map(
    ({ id }) => id,
  );
const dueNow = () => db.pool.query('UPDATE revocations SET next_attempt_at = now()');
const warnings = () => lines.filter((line) => line.includes('"level":"warn"'));
const inMs = ({ retryAt }: { retryAt: string | null }) => Date.parse(retryAt ?? '') - Date.now();

describe('giving a grant back', () => {
  test('shows the refresh token once, and forgets it when it was taken', async () => {
    const id = await deleted();
    expect(await revoke(id)).toEqual({ retryAt: null });
    expect(await revoke(id)).toEqual({ retryAt: null });
    expect(endpoint.shown).toEqual([{ token: `refresh-${id}`, hint: 'refresh_token' }]);
    expect(await remaining()).toEqual([]);
    expect(lines.join()).not.toContain(`refresh-${id}`);
  });

  test('shows the access token where there is no other', async () => {
    const id = await deleted({ refreshToken: null });
    await revoke(id);
    expect(endpoint.shown).toEqual([{ token: `access-${id}`, hint: 'access_token' }]);
  });

  test('is tried again after a 503, not before the time that it names, and is taken then', async () => {
    const id = await deleted();
    endpoint.answer((answer) => answer.writeHead(503, { 'retry-after': '120' }).end());
    const waits = inMs(await revoke(id));
    expect(waits).toBeGreaterThan(115_000);
    expect(waits).toBeLessThan(125_000);
    // Asked early it says the same, and shows nothing.
    expect(inMs(await revoke(id))).toBeGreaterThan(110_000);
    expect(endpoint.shown).toHaveLength(1);
    endpoint.answer(undefined);
    await dueNow();
    expect(await revoke(id)).toEqual({ retryAt: null });
    expect(endpoint.shown).toHaveLength(2);
    expect(await remaining()).toEqual([]);
    expect(warnings()).toEqual([]);
  });

  test('waits longer after each failure', async () => {
    const id = await deleted();
    endpoint.answer((answer) => answer.writeHead(500).end());
    const waits = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      waits.push(inMs(await revoke(id)));
      await dueNow();
    }
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits[0]).toBeLessThan(5_500);
    expect(waits[3]).toBeGreaterThan(30_000);
  });

  test('a provider that hangs is given up on, and asked again', async () => {
    const id = await deleted();
    endpoint.answer(() => undefined);
    expect((await revoke(id)).retryAt).not.toBeNull();
    expect(lines.join()).toContain('"code":"timeout"');
    expect(await remaining()).toEqual([id]);
  }, 30_000);

  test('shows the access token to a provider that takes back no refresh tokens', async () => {
    const id = await deleted();
    endpoint.answer((answer, hint) => {
      if (hint === 'access_token') answer.writeHead(200).end();
      else answer.writeHead(400).end('{"error":"unsupported_token_type"}');
    });
    expect(await revoke(id)).toEqual({ retryAt: null });
    expect(endpoint.shown.map(({ hint }) => hint)).toEqual(['refresh_token', 'access_token']);
    expect(await remaining()).toEqual([]);
  });

  test('a provider that takes neither, or has no such address, is not asked again', async () => {
    endpoint.answer((answer) => answer.writeHead(400).end('{"error":"unsupported_token_type"}'));
    expect(await revoke(await deleted())).toEqual({ retryAt: null });
    expect(endpoint.shown).toHaveLength(2);
    expect(await revoke(await deleted({ provider: 'plain' }))).toEqual({ retryAt: null });
    expect(endpoint.shown).toHaveLength(2);
    expect(await remaining()).toEqual([]);
  });

  test('a provider that is missing in the configuration, or a key, may come back', async () => {
    const nobody = await deleted({ provider: 'nobody' });
    expect((await revoke(nobody)).retryAt).not.toBeNull();
    const other = createEnvelope([{ id: 'k2', key: randomBytes(32) }]);
    const locked = await deleted({ sealedWith: other });
    expect((await revoke(locked)).retryAt).not.toBeNull();
    expect((await remaining()).sort()).toEqual([nobody, locked].sort());
    expect(endpoint.shown).toEqual([]);
  });

  test('is given up after three days, with one warning', async () => {
    const id = await deleted();
    endpoint.answer((answer) => answer.writeHead(503).end());
    await db.pool.query("UPDATE revocations SET created_at = now() - interval '71 hours'");
    expect((await revoke(id)).retryAt).not.toBeNull();
    expect(warnings()).toEqual([]);
    await db.pool.query(
      "UPDATE revocations SET created_at = now() - interval '73 hours', next_attempt_at = now()",
    );
    expect(await revoke(id)).toEqual({ retryAt: null });
    expect(await remaining()).toEqual([]);
    expect(warnings()).toHaveLength(1);
  });

  test('while one attempt waits for its answer, another one shows nothing', async () => {
    const id = await deleted();
    const release: (() => void)[] = [];
    endpoint.answer((answer) => release.push(() => answer.writeHead(200).end()));
    const first = revoke(id);
    await eventually(() => expect(endpoint.shown).toHaveLength(1));
    expect(inMs(await revoke(id))).toBeGreaterThan(1_000);
    expect(endpoint.shown).toHaveLength(1);
    release.forEach((one) => one());
    expect(await first).toEqual({ retryAt: null });
  });
});

describe('a grant that is in use again', () => {
  test.each([
    ['the account was connected again', ['user-1', 'account-1'], {}],
    ['another person connected the account', ['user-2', 'account-1'], {}],
    ["the person has a credential whose account isn't known", ['user-1', null], {}],
    ["its own account wasn't known, and the person has one", ['user-1', 'account-2'], null],
  ] as const)('is left alone where %s', async (_what, [userId, accountId], known) => {
    const id = await deleted(known === null ? { accountId: null } : {});
    await credential(userId, accountId);
    expect(await revoke(id)).toEqual({ retryAt: null });
    expect(endpoint.shown).toEqual([]);
    expect(await remaining()).toEqual([]);
  });

  test.each([
    ['the person has another account', ['user-1', 'account-2', 1], {}],
    ["somebody else has one whose account isn't known", ['user-2', null, 1], {}],
    ['somebody else has one, and its own account was not known', ['user-2', 'account-1', 1], null],
    ['the person was never connected', ['user-1', null, 0], {}],
  ] as const)('is given back where %s', async (_what, [userId, accountId, version], known) => {
    const id = await deleted(known === null ? { accountId: null } : {});
    await credential(userId, accountId, version);
    expect(await revoke(id)).toEqual({ retryAt: null });
    expect(endpoint.shown).toHaveLength(1);
  });

  test('waits for a person who has just come back from the provider, whose account nobody knows yet', async () => {
    const id = await deleted();
    await insertIntegration(db.pool, { id: 'int_1', user_id: 'user-1' });
    await db.pool.query(
      `INSERT INTO oauth_states (state_hash, browser_hash, provider, integration_id, credential_name,
                                 credential_id, code_verifier, resume, expires_at, used_at)
       VALUES ('s', 'b', 'acme', 'int_1', 'main', 'crd_1', '', true, now(), now())`,
    );
    expect(inMs(await revoke(id))).toBeGreaterThan(1_000);
    expect(endpoint.shown).toEqual([]);
    await db.pool.query("UPDATE oauth_states SET used_at = now() - interval '2 minutes'");
    expect(await revoke(id)).toEqual({ retryAt: null });
    expect(endpoint.shown).toHaveLength(1);
  });

  test.each([
    ['of the account', 'user-2', 'account-1'],
    ['of the person whose account is not known', 'user-1', null],
  ])('S59 waits for an open confirmation %s', async (_whose, userId, accountId) => {
    const id = await deleted();
    await db.pool.query(
      `INSERT INTO confirmations (code_hash, browser_hash, confirm, user_id, provider, account_id,
                                  integration_id, credential_name, credential_id, grant_tokens, resume,
                                  expires_at)
       VALUES (sha256('c'), 'b', 'page', $1, 'acme', $2, 'int_1', 'main', 'crd_1', 't', true,
               now() + interval '10 minutes')`,
      [userId, accountId],
    );
    expect(inMs(await revoke(id))).toBeGreaterThan(1_000);
    expect(endpoint.shown).toEqual([]);
    await db.pool.query("UPDATE confirmations SET outcome = 'cancelled', grant_tokens = NULL");
    expect(await revoke(id)).toEqual({ retryAt: null });
    expect(endpoint.shown).toHaveLength(1);
  });
});
