import { randomBytes } from 'node:crypto';
import { presentRefreshToken } from '../../../activities/credential/present-refresh-token';
import { createEnvelope } from '../../../src/crypto/envelope';
import { readRefreshable } from '../../../src/db/queries/credentials/row';
import { newId } from '../../../src/lib/ids';
import { createLog } from '../../../src/lib/log';
import type { Provider } from '../../../src/providers/provider';
import { acme, closeServers, serve } from '../../oauth/loopback';
import { insertCredential } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

const envelope = createEnvelope([{ id: 'k1', key: randomBytes(32) }]);
let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(closeServers);
afterAll(() => db.drop());

async function credential(): Promise<string> {
  const id = newId('crd');
  return insertCredential(db.pool, {
    ...{ id, provider: 'acme', state: 'alive', version: 1 },
    access_token: envelope.seal('the-access', `credentials.access_token:${id}`),
    refresh_token: envelope.seal('the-refresh', `credentials.refresh_token:${id}`),
  });
}

const nothing = () => Promise.resolve();

async function present(provider: Provider, id: string): Promise<Date | null> {
  const row = await readRefreshable(db.pool, id);
  if (row === null) throw new Error('the row is gone');
  const deps = {
    ...{ pool: db.pool, envelope, log: createLog('silent') },
    registry: { get: () => provider, names: () => ['acme'] },
    actors: { credentialInvalidated: nothing },
    appFaults: { report: nothing, clear: nothing },
    durations: { presentingMs: 20_000 },
  };
  return presentRefreshToken(deps, id, row, false);
}

async function answering(body: object): Promise<Provider> {
  const { port } = await serve((response) => response.end(JSON.stringify(body)));
  return acme(`http://127.0.0.1:${port}`);
}

const stored = async (id: string) => {
  const { rows } = await db.pool.query<{
    version: number;
    scope: string | null;
    refresh_token: Buffer;
  }>('SELECT version, scope, refresh_token FROM credentials WHERE id = $1', [id]);
  const [row] = rows;
  if (row === undefined) throw new Error('the row is gone');
  return {
    ...row,
    refresh_token: envelope.open(row.refresh_token, `credentials.refresh_token:${id}`),
  };
};

test('a rotated token is not lost over a NUL, beside it or in it', async () => {
  const id = await credential();
  const scope = 'a\0b';
  await present(await answering({ access_token: 'n', refresh_token: 'r\0', scope }), id);
  expect(await stored(id)).toEqual({ version: 2, scope: 'a\ufffdb', refresh_token: 'r\0' });
});

test('what the database refuses for good is not tried for ten minutes', async () => {
  const id = await credential();
  await db.pool.query(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END $$;
     CREATE TRIGGER refuse BEFORE UPDATE ON credentials FOR EACH ROW
       WHEN (NEW.version > OLD.version) EXECUTE FUNCTION refuse()`,
  );
  const provider = await answering({ access_token: 'n', refresh_token: 'r' });
  await expect(present(provider, id)).rejects.toThrow('refused');
  expect(await stored(id)).toMatchObject({ version: 1, refresh_token: 'the-refresh' });
});
