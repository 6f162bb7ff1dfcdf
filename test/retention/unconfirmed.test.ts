import { randomBytes } from 'node:crypto';
import { createEnvelope } from '../../src/crypto/envelope';
import { inTransaction } from '../../src/db/transaction';
import { lockConfirmationsOf } from '../../src/db/queries/people/confirmation-ends';
import { insertConfirmation } from '../../src/db/queries/people/confirmations';
import { sealGrant } from '../../src/db/queries/people/waiting-grant';
import { createLog } from '../../src/lib/log';
import {
  deleteUnconfirmed,
  endConfirmation,
  endExpiredConfirmations,
} from '../../src/retention/unconfirmed';
import { openRegistry } from '../support/connections';
import { insertIntegration } from '../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../support/servers/database';

const lost = { id: 'lost', key: randomBytes(32) };
const sealing = createEnvelope([lost]);
const without = createEnvelope([{ id: 'k1', key: randomBytes(32) }]);
const oauth = {
  authorizationUrl: 'http://127.0.0.1:1/authorize',
  tokenUrl: 'http://127.0.0.1:1/token',
  clientId: 'client',
  clientSecret: 'client-secret-of-the-tests',
};
const revocationUrl = 'http://127.0.0.1:1/revoke';
const registry = openRegistry({
  providers: { acme: { oauth: { ...oauth, revocationUrl } } },
});

let db: TestDatabase;
let lines: string[];
beforeAll(async () => {
  db = await testDatabase();
});
beforeEach(async () => {
  lines = [];
  await db.pool.query('TRUNCATE confirmations, revocations, integrations CASCADE');
});
afterAll(() => db.drop());

const log = createLog('info', { write: (line) => lines.push(line) });
const process = (envelope: typeof sealing) => ({ pool: db.pool, envelope, registry, log });
const warnings = () => lines.filter((line) => line.includes('confirmation.unreadable')).length;

async function waits(userId: string) {
  const integrationId = await insertIntegration(db.pool, { user_id: userId });
  const codeHash = randomBytes(32);
  const grant = {
    ...{ accessToken: `access-${userId}`, refreshToken: `refresh-${userId}`, proven: true },
    ...{ account: { id: `${userId}@acme` }, accountProven: true },
  };
  await insertConfirmation(db.pool, {
    ...{ codeHash, browserHash: codeHash, confirm: 'page', provider: 'acme', userId },
    ...{ userLabel: 'Ada', returnTo: 'https://app.example/', resume: true, sessionId: null },
    ...{ integrationId, credentialName: 'main', credentialId: 'crd_1' },
    ...{ accountId: `${userId}@acme`, lifetimeSeconds: 600 },
    sealedGrant: sealGrant(sealing, codeHash, { grant, parameters: null }),
  });
  return { codeHash, integrationId };
}

const rowsOf = async (userId: string) =>
  (
    await db.pool.query<object>(
      `SELECT outcome, grant_tokens IS NOT NULL AS "hasTokens", expires_at <= now() AS "isLate"
       FROM confirmations WHERE user_id = $1`,
      [userId],
    )
  ).rows;

const revocations = async () =>
  (
    await db.pool.query<object>(
      'SELECT user_id AS "userId", account_id AS "accountId" FROM revocations ORDER BY user_id',
    )
  ).rows;

const ends = {
  cancelled: async (_userId: string, codeHash: Buffer) => {
    await endConfirmation(process(without), codeHash, { outcome: 'cancelled' });
  },
  expired: async (userId: string) => {
    await db.pool.query('UPDATE confirmations SET expires_at = now() WHERE user_id = $1', [userId]);
    await endExpiredConfirmations(process(without));
  },
  not_found: (userId: string) =>
    inTransaction(db.pool, async (client) => {
      const rows = await lockConfirmationsOf(client, { userId });
      await deleteUnconfirmed(client, process(without), rows);
    }),
};

test.each(Object.entries(ends))(
  'S59 %s: tokens that no key of this process opens wait for one that does, and are revoked then; one line says so',
  async (outcome, end) => {
    const { codeHash } = await waits('ada');
    await end('ada', codeHash);
    const left = [{ outcome, hasTokens: true, isLate: true }];
    expect(await rowsOf('ada')).toEqual(left);
    // Each sweep tries, and says nothing; nor does whoever ends it once more.
    await endExpiredConfirmations(process(without));
    await end('ada', codeHash);
    expect(await rowsOf('ada')).toEqual(left);
    expect(warnings()).toBe(1);
    expect(await revocations()).toEqual([]);

    expect(await endExpiredConfirmations(process(sealing))).toHaveLength(1);
    expect(await revocations()).toEqual([{ userId: 'ada', accountId: 'ada@acme' }]);
    expect(await rowsOf('ada')).toEqual([{ outcome, hasTokens: false, isLate: true }]);
    expect(await endExpiredConfirmations(process(sealing))).toEqual([]);
    expect(lines.join()).not.toMatch(/(access|refresh)-ada/);
  },
);

test('S59 of a deleted integration nothing stays but what the revocation needs, and of others everything', async () => {
  const { integrationId } = await waits('bo');
  await waits('cy');
  await ends.not_found('bo');
  const { rows } = await db.pool.query<{ row: string }>(
    `SELECT c::text AS row FROM confirmations c WHERE user_id = 'bo'`,
  );
  expect(rows).toHaveLength(1);
  for (const gone of [integrationId, 'Ada', 'app.example', 'crd_1'])
    expect(rows[0]?.row).not.toContain(gone);
  expect(await rowsOf('cy')).toEqual([{ outcome: null, hasTokens: true, isLate: false }]);
});

test('S59 one that no key opens keeps no other from its end', async () => {
  await waits('dee');
  const { codeHash } = await waits('eve');
  await db.pool.query('UPDATE confirmations SET expires_at = now()');
  const grant = { accessToken: 'access-eve', proven: true };
  const sealed = sealGrant(without, codeHash, { grant, parameters: null });
  await db.pool.query('UPDATE confirmations SET grant_tokens = $2 WHERE code_hash = $1', [
    ...[codeHash, sealed],
  ]);
  expect(await endExpiredConfirmations(process(without))).toHaveLength(1);
  expect(await revocations()).toEqual([{ userId: 'eve', accountId: 'eve@acme' }]);
  expect(await rowsOf('dee')).toEqual([{ outcome: 'expired', hasTokens: true, isLate: true }]);
});
