import { randomBytes } from 'node:crypto';
import { accessTokens } from '../../activities/drain/access-tokens';
import { createEnvelope } from '../../src/crypto/envelope';
import { storeTokens } from '../../src/db/queries/credentials/store-tokens';
import { giveToken, replaceToken } from '../../src/gateway/api/operations/access-token';
import { createLog } from '../../src/lib/log';
import type { Actors } from '../../src/temporal/actors';
import type { RefreshAnswer } from '../../workflows/contract/messages';
import { eventually } from '../support/eventually';
import { insertCredential, insertIntegration, linkCredential } from '../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../support/servers/database';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const envelope = createEnvelope([{ id: 'k1', key: randomBytes(32) }]);
const log = createLog('silent');
const alive = (version: number): RefreshAnswer => ({ kind: 'alive', version, expiresAt: null });
const later = '2030-01-01T00:00:00.000Z';

/** An integration whose token lives for a minute and is due for its refresh; the actor answers as it is told. */
async function due(answers: ((credentialId: string) => Promise<RefreshAnswer>)[]) {
  const integrationId = await insertIntegration(db.pool);
  const credentialId = await insertCredential(db.pool, { version: 0, state: 'missing' });
  await linkCredential(db.pool, { integration_id: integrationId, credential_id: credentialId });
  await store(credentialId, 'first', 60_000);
  await db.pool.query('UPDATE credentials SET refresh_at = now() WHERE id = $1', [credentialId]);
  let asked = 0;
  const refresh: Actors['refresh'] = async (id) => {
    const answer = answers[asked++];
    if (answer === undefined) throw new Error('asked once too often');
    return answer(id);
  };
  return { integrationId, refresh, asked: () => asked };
}

async function store(credentialId: string, accessToken: string, livesMs: number): Promise<void> {
  const expiresAt = new Date(Date.now() + livesMs);
  const grant = { accessToken, refreshToken: 'refresh', expiresAt, proven: true };
  await storeTokens(db.pool, envelope, { credentialId, grant });
}

/** What somebody joined was over while the token that it tells of lived; that has ended since. */
const over = async (id: string) => {
  await db.pool.query(
    `UPDATE credentials SET expires_at = now() - interval '1 second' WHERE id = $1`,
    [id],
  );
  return alive(1);
};
const renewed = async (id: string) => {
  await store(id, 'second', 60_000);
  return alive(2);
};
const away = () => Promise.reject(new Error('there is no Temporal'));
const backingOff = () =>
  Promise.resolve({ kind: 'unavailable', version: 1, code: 'busy', retryAt: later } as const);

type Scene = Awaited<ReturnType<typeof due>>;
type Token = { token: string } | { none: string };

const users = {
  '…/token': {
    token: ({ integrationId, refresh }: Scene) =>
      told(giveToken(deps(refresh), integrationId, 'main')),
    rejected: ({ integrationId, refresh }: Scene) =>
      told(replaceToken(deps(refresh), integrationId, 'main', 1)),
  },
  'ctx.fetch': {
    token: ({ integrationId, refresh }: Scene) =>
      answered(tokens(integrationId, refresh).token('main')),
    rejected: ({ integrationId, refresh }: Scene) =>
      answered(tokens(integrationId, refresh).refused('main', 1)),
  },
};

const deps = (refresh: Actors['refresh']) => ({
  ...{ pool: db.pool, envelope, pingTemporal: () => Promise.resolve() },
  actors: { refresh } as Actors,
});
const tokens = (integrationId: string, refresh: Actors['refresh']) =>
  accessTokens({ pool: db.pool, envelope, actors: { ...noNotice, refresh }, log }, integrationId);
const never = () => new Promise<RefreshAnswer>(() => undefined);
const noNotice = { noticeWaiting: () => Promise.resolve() };

const told = (asking: ReturnType<typeof giveToken>): Promise<Token> =>
  asking.then(
    ({ accessToken }) => ({ token: accessToken }),
    (error: unknown) => ({ none: (error as { code: string }).code }),
  );
const answered = async (asking: ReturnType<ReturnType<typeof tokens>['token']>): Promise<Token> => {
  const answer = await asking;
  return answer.kind === 'alive' ? { token: answer.accessToken } : { none: answer.kind };
};

describe.each(Object.entries(users))('a token for %s', (_user, { token, rejected }) => {
  test('S31 one that ended while a refresh was joined is not given out: it is asked for once more', async () => {
    for (const way of [token, rejected]) {
      const scene = await due([over, renewed]);
      expect(await way(scene)).toEqual({ token: 'second' });
      expect(scene.asked()).toBe(2);
    }
  });

  test('S31 nor is it where asking once more brings none', async () => {
    for (const way of [token, rejected]) {
      const scenes = [
        await due([over, over]),
        await due([over, backingOff]),
        await due([over, away]),
      ];
      for (const scene of scenes) {
        expect(await way(scene)).toEqual({
          none: expect.stringMatching(/unavailable/) as unknown,
        });
        expect(scene.asked()).toBe(2);
      }
    }
  });

  test('one that comes ended, twice, is given out: there is no better one', async () => {
    const short = (name: string, version: number) => async (id: string) => {
      await store(id, name, -1);
      return alive(version);
    };
    for (const way of [token, rejected]) {
      const scene = await due([short('second', 2), short('third', 3)]);
      expect(await way(scene)).toEqual({ token: 'third' });
    }
  });

  test('S30 one that still lives is given out where it can not be renewed, and nobody is there to ask', async () => {
    for (const failing of [backingOff, away]) {
      const scene = await due([failing]);
      expect(await token(scene)).toEqual({ token: 'first' });
    }
  });

  test('S29 one whose renewal ends in a death is not', async () => {
    const scene = await due([
      () => Promise.resolve({ kind: 'dead', version: 1, code: 'invalid_grant' }),
    ]);
    expect(await token(scene)).toEqual({ none: expect.stringMatching(/dead/) as unknown });
  });
});

test('S35 whoever waits for a refresh when the attempt ends gets no token, also where one is held; one who does not wait does', async () => {
  const attempt = new AbortController();
  const scene = await due([never, never]);
  const waiting = [
    tokens(scene.integrationId, scene.refresh).token('main', attempt.signal),
    tokens(scene.integrationId, scene.refresh).refused('main', 1, attempt.signal),
  ];
  await eventually(() => expect(scene.asked()).toBe(2));
  attempt.abort();
  for (const one of waiting) {
    expect(await one).toEqual({ kind: 'unavailable', code: 'unavailable' });
  }
  await db.pool.query('UPDATE credentials SET refresh_at = NULL');
  const held = tokens(scene.integrationId, scene.refresh).token('main', attempt.signal);
  expect(await held).toMatchObject({ kind: 'alive', accessToken: 'first' });
});
