import { randomBytes } from 'node:crypto';
import { createProviderPlaces } from '../../../activities/credential/provider-places';
import { createProbeCredential } from '../../../activities/credential/probe';
import { createEnvelope } from '../../../src/crypto/envelope';
import { createLog } from '../../../src/lib/log';
import { openRegistry } from '../../support/connections';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { insertCredential, sql } from '../../support/scenes/rows';

const envelope = createEnvelope([{ id: 'k1', key: randomBytes(32) }]);
let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const oauth = { clientId: 'c', authorizationUrl: 'https://a.test', tokenUrl: 'https://a.test' };
const probe = { url: 'https://a.test/me', everySeconds: 60 };

/** The columns of a row whose probe is due. */
interface Due {
  provider: string;
  accessToken: Buffer | null;
  expiresAt: string;
}

test.each<[string, Due]>([
  ['provider is not declared any more', { provider: 'gone', accessToken: null, expiresAt: 'NULL' }],
  ['provider has no probe any more', { provider: 'plain', accessToken: null, expiresAt: 'NULL' }],
  ['token is not there', { provider: 'probing', accessToken: null, expiresAt: 'NULL' }],
  [
    'token has ended',
    {
      provider: 'probing',
      accessToken: envelope.seal('secret', 'credentials.access_token:crd_1'),
      expiresAt: "now() - interval '1 second'",
    },
  ],
])('S39 a probe that is due is due no more where the %s', async (_what, row) => {
  await db.pool.query('TRUNCATE credentials CASCADE');
  await insertCredential(db.pool, {
    ...{ id: 'crd_1', provider: row.provider, access_token: row.accessToken },
    ...{ expires_at: sql(row.expiresAt), probe_at: sql("now() - interval '1 minute'") },
  });
  const registry = openRegistry({ providers: { plain: { oauth }, probing: { oauth, probe } } });
  const providerPlaces = createProviderPlaces(registry);
  const deps = { pool: db.pool, envelope, registry, providerPlaces, log: createLog('silent') };
  const { facts, refusedVersion } = await createProbeCredential(deps)({ credentialId: 'crd_1' });
  expect(refusedVersion).toBeNull();
  expect(Date.parse(facts?.probeAt ?? '9999-01-01')).toBeGreaterThan(Date.now());
});
