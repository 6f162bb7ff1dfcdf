import { storeRefreshed, storeRefreshFailure } from '../../../src/db/queries/credentials/refresh';
import { markDead } from '../../../src/db/queries/credentials/death';
import { claimPresenting, releaseClaim } from '../../../src/db/queries/credentials/row';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { eventually } from '../../support/eventually';
import { insertCredential } from '../../support/scenes/rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const credential = () =>
  insertCredential(db.pool, { access_token: Buffer.from('a'), refresh_token: Buffer.from('r') });

/** Claims version 1; what was claimed before has run out. */
async function claim(id: string, attempt: string) {
  await db.pool.query('UPDATE credentials SET presenting_until = now() WHERE id = $1', [id]);
  return claimPresenting(db.pool, {
    ...{ id, version: 1, attempt, presentingMs: 20_000, forced: false, onTrial: false },
  });
}

const fail = (id: string, attempt: string, unanswered: boolean) =>
  storeRefreshFailure(db.pool, {
    ...{ id, version: 1, attempt, code: 'ECONNREFUSED', retryDelayMs: 0 },
    ...{ unanswered, rejected: false, contested: false },
  });

const store = (id: string, attempt: string, refreshTokenHash: Buffer | null = null) =>
  storeRefreshed(db.pool, {
    refreshTokenHash,
    ...{ id, version: 1, attempt, accessToken: Buffer.from('b'), refreshToken: Buffer.from('s') },
    ...{ expiresAt: null, refreshAt: null, scope: null, scopes: null, client: null },
    ...{ refreshExpiresAt: null, refreshEndIsFixed: false, deathCode: null },
    ...{ forced: false, onTrial: false, probeInMs: null },
  });

const state = async (id: string) => {
  const { rows } = await db.pool.query<{ version: number; state: string; code: string | null }>(
    'SELECT version, state, code FROM credentials WHERE id = $1',
    [id],
  );
  return rows[0];
};

describe('the claim to show a refresh token', () => {
  test('S36 the first is told of nothing unanswered; one that overtakes it is told that it may have been shown', async () => {
    const id = await credential();
    expect(await claim(id, 'first')).toEqual({ claimed: true, unanswered: false });
    expect(await claim(id, 'second')).toEqual({ claimed: true, unanswered: true });
  });

  test('S36 that a token may have been shown unheard outlives a failure that never reached the provider', async () => {
    const id = await credential();
    await claim(id, 'killed');
    await claim(id, 'refused');
    await fail(id, 'refused', false);
    expect(await claim(id, 'third')).toEqual({ claimed: true, unanswered: true });
  });

  test('a failure that was answered, with nothing before it, leaves nothing unanswered', async () => {
    const id = await credential();
    await claim(id, 'first');
    await fail(id, 'first', false);
    expect(await claim(id, 'second')).toEqual({ claimed: true, unanswered: false });
    await fail(id, 'second', true);
    expect(await claim(id, 'third')).toEqual({ claimed: true, unanswered: true });
  });

  test('S32 tokens that come after a successor has shown the old one again are not stored', async () => {
    const id = await credential();
    await claim(id, 'stalled');
    await claim(id, 'successor');
    expect(await store(id, 'stalled')).toBe(false);
    await markDead(db.pool, [{ credentialId: id, version: 1, code: 'rotation_lost' }]);
    await releaseClaim(db.pool, { id, attempt: 'successor' });
    expect(await store(id, 'stalled')).toBe(false);
    expect(await state(id)).toEqual({ version: 1, state: 'dead', code: 'rotation_lost' });
  });

  test('S32 tokens that come late are stored as long as nobody else has shown the old one', async () => {
    const id = await credential();
    await claim(id, 'slow');
    await db.pool.query('UPDATE credentials SET presenting_until = now() WHERE id = $1', [id]);
    expect(await store(id, 'slow')).toBe(true);
    expect(await state(id)).toEqual({ version: 2, state: 'alive', code: null });
  });
});

test('what a refresh brings while its credential is deleted is not stored, and nothing is thrown over it', async () => {
  const id = await credential();
  await db.pool.query('UPDATE credentials SET refresh_token_hash = $2 WHERE id = $1', [
    id,
    Buffer.alloc(32, 1),
  ]);
  await claim(id, 'one');
  const deleting = await db.pool.connect();
  try {
    await deleting.query('BEGIN');
    await deleting.query('DELETE FROM credentials WHERE id = $1', [id]);
    const stored = store(id, 'one', Buffer.alloc(32, 2));
    await eventually(async () => {
      const { rows } = await db.pool.query(
        `SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(rows).toHaveLength(1);
    });
    await deleting.query('COMMIT');
    expect(await stored).toBe(false);
  } finally {
    deleting.release();
  }
});
