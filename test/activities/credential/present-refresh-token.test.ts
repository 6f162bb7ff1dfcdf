import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { presentRefreshToken } from '../../../activities/credential/present-refresh-token';
import { createEnvelope } from '../../../src/crypto/envelope';
import { readRefreshable } from '../../../src/db/queries/credentials/row';
import { createLog } from '../../../src/lib/log';
import { openRegistry } from '../../support/connections';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { eventually } from '../../support/eventually';
import { whileShut } from '../../support/gate';
import { type OAuthServer, startOAuthServer } from '../../support/doubles/oauth-server';
import { insertCredential } from '../../support/scenes/rows';

/** Long enough for a busy machine to send within a quarter of it. */
const presentingMs = 4_000;
const envelope = createEnvelope([{ id: 'k1', key: randomBytes(32) }]);
let db: TestDatabase;
let provider: OAuthServer;
beforeAll(async () => {
  db = await testDatabase();
  provider = await startOAuthServer();
});
afterAll(async () => {
  await provider.close();
  await db.drop();
});

const nothing = () => Promise.resolve();
/** As an attempt of some worker. */
async function present(id: string): Promise<Date | null> {
  const row = await readRefreshable(db.pool, id);
  if (row === null) throw new Error('the row is gone');
  const deps = {
    ...{ pool: db.pool, envelope, log: createLog('silent') },
    registry: openRegistry({ providers: { acme: provider.declaration } }),
    actors: { credentialInvalidated: nothing },
    appFaults: { report: nothing, clear: nothing },
    durations: { presentingMs },
  };
  return presentRefreshToken(deps, id, row, false);
}

const stored = async (id: string) =>
  (
    await db.pool.query<{ version: number; state: string; code: string | null }>(
      'SELECT version, state, code FROM credentials WHERE id = $1',
      [id],
    )
  ).rows[0];

test('S32 an attempt that stood still between its claim and its sending shows nothing; its successor does, once', async () => {
  const grant = provider.grant();
  const id = 'crd_1';
  await insertCredential(db.pool, {
    ...{ id, provider: 'acme', state: 'alive', version: 1 },
    access_token: envelope.seal(grant.accessToken, `credentials.access_token:${id}`),
    refresh_token: envelope.seal(grant.refreshToken, `credentials.refresh_token:${id}`),
  });
  let first: Promise<Date | null> | undefined;
  await whileShut(
    {
      pool: db.pool,
      where: `AFTER UPDATE ON credentials FOR EACH ROW
        WHEN (OLD.presenting_attempt IS NULL AND NEW.presenting_attempt IS NOT NULL)`,
    },
    async (reached) => {
      first = present(id);
      await reached();
      // What stops it is time itself: it has stood still for longer than it may.
      await delay(presentingMs / 2);
    },
  );
  await first;
  expect(provider.tokenCalls()).toBe(0);
  expect(await stored(id)).toMatchObject({ version: 1, state: 'degraded' });

  // Its backoff is another rule.
  await db.pool.query('UPDATE credentials SET retry_at = NULL WHERE id = $1', [id]);
  await eventually(async () => expect(await present(id)).toBeNull());
  expect(provider.tokenCalls()).toBe(1);
  expect(await stored(id)).toMatchObject({ version: 2, state: 'alive' });
  expect(provider.reuses()).toBe(0);
}, 30_000);
