import { createProviderPlaces } from '../../../activities/credential/provider-places';
import { createProbeCredential } from '../../../activities/credential/probe';
import { proveAccount } from '../../../activities/credential/prove-account';
import { createEnvelope } from '../../../src/crypto/envelope';
import { createLog } from '../../../src/lib/log';
import { openOutgoing, openRegistry } from '../../support/connections';
import { closeServers, serve } from '../../oauth/loopback';
import { insertCredential } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

const envelope = createEnvelope([{ id: 'k1', key: Buffer.alloc(32, 1) }]);
const log = createLog('silent');
let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(async () => {
  await db.drop();
  await closeServers();
});

async function proof() {
  const { rows } = await db.pool.query<{ proven: boolean; before: boolean }>(
    'SELECT account_proven AS proven, account_from_before AS before FROM credentials',
  );
  return rows[0];
}

const insert = (accountId: string) =>
  insertCredential(db.pool, {
    ...{ id: 'crd_1', provider: 'acme', account_id: accountId, account_from_before: true },
    access_token: envelope.seal('secret', 'credentials.access_token:crd_1'),
  });

afterEach(() => db.pool.query('TRUNCATE credentials CASCADE'));

test.each([
  ['mine', { proven: true, before: true }],
  ['theirs', { proven: false, before: false }],
  [undefined, { proven: false, before: true }],
])('S44 a probe finds out whose a token is where nobody answered before: %s', async (id, found) => {
  const { port } = await serve((answer) => answer.end(JSON.stringify({ id })));
  const url = `http://127.0.0.1:${String(port)}/me`;
  const addresses = { authorizationUrl: 'https://a.test', tokenUrl: 'https://a.test' };
  const oauth = { ...addresses, clientId: 'c', account: { url, pointer: '/id' } };
  const registry = openRegistry({
    providers: { acme: { oauth, probe: { url, everySeconds: 60 } } },
  });
  await insert('mine');
  const providerPlaces = createProviderPlaces(registry);
  const deps = { pool: db.pool, envelope, registry, providerPlaces, log };
  await createProbeCredential(deps)({ credentialId: 'crd_1' });
  expect(await proof()).toEqual(found);
});

test.each([
  ['mine', true],
  ['theirs', false],
])('S44 so does the answer of a refresh that names one: %s', async (named, proven) => {
  await insert('mine');
  const row = { accountId: 'mine', accountProven: false, parameters: null };
  const token = { credentialId: 'crd_1', accessToken: 'secret', named };
  const provider = { name: 'acme', label: 'Acme', outgoing: openOutgoing };
  await proveAccount({ pool: db.pool, log }, provider, row, token);
  expect(await proof()).toEqual({ proven, before: proven });
});

test('S44 a server that a tenant may choose proves no account', async () => {
  await insert('mine');
  const row = { accountId: 'mine', accountProven: false, parameters: { host: 'evil.example' } };
  const token = { credentialId: 'crd_1', accessToken: 'secret', named: 'mine' };
  const oauth = {
    ...{ authorizationUrl: 'https://a.test', tokenUrl: 'https://{host}/token', clientId: 'c' },
    ...{ parameters: { host: /[a-z.]+/ }, account: { tokenResponsePointer: '/id' } },
  };
  const provider = { name: 'acme', label: 'Acme', outgoing: openOutgoing, oauth };
  await proveAccount({ pool: db.pool, log }, provider, row, token);
  expect(await proof()).toEqual({ proven: false, before: true });
});
