import { randomBytes } from 'node:crypto';
import { createInspectCredential } from '../../../activities/credential/inspect';
import { presentRefreshToken } from '../../../activities/credential/present-refresh-token';
import type { OnTrial } from '../../../activities/credential/store-refreshed-tokens';
import { createEnvelope } from '../../../src/crypto/envelope';
import { readRefreshable } from '../../../src/db/queries/credentials/row';
import { createLog } from '../../../src/lib/log';
import type { OAuthDeclaration } from '../../../src/providers/provider';
import { openRegistry } from '../../support/connections';
import { answerJson, type OAuthServer, startOAuthServer } from '../../support/doubles/oauth-server';
import { insertCredential, insertIntegration, linkCredential } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

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
beforeEach(() => db.pool.query('TRUNCATE credentials, integrations CASCADE'));
afterEach(() => provider.behave(undefined));

const nothing = () => Promise.resolve();
/** The integrations that were signalled, and the application faults that were told. */
const said: { invalidated: unknown[]; faults: string[] } = { invalidated: [], faults: [] };
beforeEach(() => Object.assign(said, { invalidated: [], faults: [] }));

function deps(oauth: Partial<OAuthDeclaration> = {}) {
  const { declaration } = provider;
  const declared = { ...declaration.oauth, clientId: 'client', ...oauth };
  return {
    ...{ pool: db.pool, envelope, log: createLog('silent'), durations: { presentingMs: 20_000 } },
    registry: openRegistry({ providers: { acme: { ...declaration, oauth: declared } } }),
    actors: {
      credentialInvalidated: (integrationId: string, death: object) => {
        said.invalidated.push({ integrationId, ...death });
        return Promise.resolve();
      },
    },
    appFaults: {
      report: (_provider: string, code: string) => {
        said.faults.push(code);
        return Promise.resolve();
      },
      clear: nothing,
    },
  };
}

/** @param set SQL */
async function credential(id: string, set = 'failures = 0'): Promise<void> {
  const grant = provider.grant();
  await insertCredential(db.pool, {
    ...{ id, provider: 'acme' },
    access_token: envelope.seal(grant.accessToken, `credentials.access_token:${id}`),
    refresh_token: envelope.seal(grant.refreshToken, `credentials.refresh_token:${id}`),
  });
  await db.pool.query(
    `UPDATE credentials SET obtained_at = now() - interval '1 hour' WHERE id = $1`,
    [id],
  );
  await update(id, set);
}

const update = (id: string, set: string) =>
  db.pool.query(`UPDATE credentials SET ${set} WHERE id = $1`, [id]);

/** One attempt, whatever backoff there is. */
async function present(
  id: string,
  oauth: Partial<OAuthDeclaration> = {},
  trial: OnTrial | null = null,
): Promise<void> {
  await update(id, 'retry_at = NULL');
  const row = await readRefreshable(db.pool, id);
  if (row === null) throw new Error('the row is gone');
  expect(await presentRefreshToken(deps(oauth), id, row, false, trial)).toBeNull();
}

const answers = (status: number, error: string) =>
  provider.behave((answer) => answerJson(answer, status, { error }));

interface Row {
  version: number;
  state: string;
  code: string | null;
  client: string | null;
  scopes: string[] | null;
  /** Seconds ago, or from now. */
  accepted: number | null;
  verified: number | null;
  rejected: number | null;
  ends: number | null;
  refresh: number | null;
  isFixed: boolean;
}

async function rowOf(id: string): Promise<Row> {
  const ago = (column: string) => `extract(epoch FROM now() - ${column})::float8`;
  const { rows } = await db.pool.query<Row>(
    `SELECT version, state, code, client, scopes, ${ago('client_accepted_at')} AS accepted,
            ${ago('verified_at')} AS verified, ${ago('refresh_rejected_since')} AS rejected,
            -${ago('refresh_expires_at')} AS ends, -${ago('refresh_at')} AS refresh,
            refresh_end_is_fixed AS "isFixed"
     FROM credentials WHERE id = $1`,
    [id],
  );
  if (rows[0] === undefined) throw new Error('the row is gone');
  return rows[0];
}

const client = () => `client ${provider.url}`;
const recent = expect.closeTo(0, -1.3) as number;

test('S30 the first rejection of a refresh token is remembered until a refresh is accepted', async () => {
  await credential('crd_1');
  answers(429, 'slow_down');
  await present('crd_1');
  answers(401, 'invalid_client');
  await present('crd_1');
  expect(await rowOf('crd_1')).toMatchObject({ code: 'invalid_client', rejected: null });
  answers(403, 'strange_weather');
  await present('crd_1');
  expect(await rowOf('crd_1')).toMatchObject({ code: 'strange_weather', rejected: recent });
  await update('crd_1', "refresh_rejected_since = now() - interval '5 hours'");
  await present('crd_1');
  answers(503, 'busy');
  await present('crd_1');
  expect((await rowOf('crd_1')).rejected).toBeGreaterThan(17_999);
  expect(await rowOf('crd_1')).toMatchObject({ client: null, verified: null });
  provider.behave(undefined);
  await present('crd_1');
  expect(await rowOf('crd_1')).toMatchObject({
    ...{ version: 2, state: 'alive', rejected: null, client: client() },
    ...{ accepted: recent, verified: recent },
  });
});

describe('S29 a fault that may be the application’s', () => {
  test('is about the grant once another one was refreshed, and said again after that', async () => {
    await credential('crd_1');
    await credential('crd_2');
    answers(400, 'invalid_request');
    await present('crd_1');
    provider.behave(undefined);
    await present('crd_2');
    provider.behave((answer) => {
      // What another one is told while this answer is on its way proves nothing about it.
      void update('crd_2', 'client_accepted_at = now()').then(() =>
        answerJson(answer, 400, { error: 'invalid_request' }),
      );
    });
    await present('crd_1');
    expect(await rowOf('crd_1')).toMatchObject({ state: 'degraded', code: 'invalid_request' });
    expect(said).toEqual({ invalidated: [], faults: ['invalid_request', 'invalid_request'] });
    answers(400, 'invalid_request');
    await present('crd_1');
    expect(await rowOf('crd_1')).toMatchObject({
      state: 'dead',
      code: 'refresh_rejected',
      version: 1,
    });
    expect(said.faults).toHaveLength(2);
  });
});

test('S29 another one’s success before such a fault was said first proves nothing, whatever was said before', async () => {
  await credential('crd_1');
  await credential('crd_2');
  answers(403, 'strange_weather');
  await present('crd_1');
  provider.behave(undefined);
  await present('crd_2');
  answers(400, 'unauthorized_client');
  for (let attempt = 0; attempt < 2; attempt++) {
    await present('crd_1');
    expect(await rowOf('crd_1')).toMatchObject({ state: 'degraded', code: 'unauthorized_client' });
  }
});

describe('S30 unknown words, a day after the access token’s end', () => {
  const over = `expires_at = now() - interval '24 hours',
                refresh_rejected_since = now() - interval '26 hours'`;
  const accepted = (set: string) => `client_accepted_at = now() - interval '1 hour', ${set}`;

  test.each<[string, string, string]>([
    ['where another credential was refreshed', "client = 'CLIENT'", 'dead'],
    ['where nobody else was', 'client = NULL', 'degraded'],
    ['where one was by another client', "client = 'other ORIGIN'", 'degraded'],
    ['where one was at another address', "client = 'client https://other.test'", 'degraded'],
    ['where one was at another provider', "client = 'CLIENT', provider = 'other'", 'degraded'],
    [
      'where one was before',
      "client = 'CLIENT', client_accepted_at = now() - interval '25 hours'",
      'degraded',
    ],
  ])('%s', async (_where, other, state) => {
    const set = other.replace('CLIENT', client()).replace('ORIGIN', provider.url);
    await credential('crd_1', over);
    await credential('crd_2');
    await update('crd_2', set.includes('_at') ? set : accepted(set));
    await insertIntegration(db.pool, { id: 'int_1' });
    await linkCredential(db.pool, { integration_id: 'int_1', credential_id: 'crd_1' });
    provider.behave((answer) => answer.writeHead(403).end('<h1>No</h1>'));
    await present('crd_1');
    const code = state === 'dead' ? 'refresh_rejected' : 'http_403';
    expect(await rowOf('crd_1')).toMatchObject({ state, code, version: 1 });
    const death = { integrationId: 'int_1', credentialId: 'crd_1', version: 1, code };
    expect(said.invalidated).toEqual(state === 'dead' ? [death] : []);
  });
});

describe('scopes', () => {
  const rotate = (more: object) =>
    provider.behave((answer, rotated) => {
      const grant = rotated();
      answerJson(answer, 200, {
        ...{ access_token: grant?.accessToken, refresh_token: grant?.refreshToken },
        ...more,
      });
    });
  const required = { requiredScopes: ['contacts', 'deals'] };

  test('that a refresh takes away are death, and the new tokens are stored', async () => {
    await credential('crd_1', "scopes = '{contacts,deals}'");
    await insertIntegration(db.pool, { id: 'int_1' });
    await linkCredential(db.pool, { integration_id: 'int_1', credential_id: 'crd_1' });
    rotate({ scope: 'contacts notes' });
    await present('crd_1', required);
    const dead = { version: 2, state: 'dead', code: 'scope_missing' };
    expect(await rowOf('crd_1')).toMatchObject({ ...dead, scopes: ['contacts', 'notes'] });
    const death = { credentialId: 'crd_1', version: 2, code: 'scope_missing' };
    expect(said.invalidated).toEqual([{ integrationId: 'int_1', ...death }]);
    await update('crd_1', "state = 'alive', code = NULL");
    rotate({ scope: 'deals contacts' });
    await present('crd_1', required);
    expect(await rowOf('crd_1')).toMatchObject({ version: 3, state: 'alive', code: null });
  });

  test('that a trial shows to be missing are no life', async () => {
    const soon = "now() + interval '1 hour'";
    await credential('crd_1', `state = 'dead', code = 'invalid_grant', trial_at = ${soon}`);
    rotate({ scope: 'contacts' });
    const renewed = () => Promise.reject(new Error('it is alive'));
    await present('crd_1', required, { pauseMs: 0, renewed });
    expect(await rowOf('crd_1')).toMatchObject({
      version: 2,
      state: 'dead',
      code: 'scope_missing',
    });
    const { rows } = await db.pool.query('SELECT trial_at FROM credentials');
    expect(rows).toEqual([{ trial_at: null }]);
  });

  test('that are missing are not back with an answer that names none', async () => {
    const soon = "now() + interval '1 hour'";
    await credential(
      'crd_1',
      `state = 'dead', code = 'scope_missing', trial_at = ${soon}, scopes = '{contacts}'`,
    );
    rotate({});
    const renewed = () => Promise.reject(new Error('it is alive'));
    await present('crd_1', required, { pauseMs: 0, renewed });
    expect(await rowOf('crd_1')).toMatchObject({ state: 'dead', code: 'scope_missing' });
  });

  test('that a refresh doesn’t name are those from before', async () => {
    await credential('crd_1', "scopes = '{contacts}'");
    rotate({});
    await present('crd_1', required);
    expect(await rowOf('crd_1')).toMatchObject({
      version: 2,
      state: 'alive',
      scopes: ['contacts'],
    });
  });
});

describe('S39 the end of a grant', () => {
  const day = 24 * 60 * 60;
  const about = (seconds: number) => expect.closeTo(seconds, -2.3) as number;

  test('is what the answer says; it moves with each refresh, or it is fixed', async () => {
    await credential('crd_1');
    const say = (refresh_token_expires_in: number) =>
      provider.behave((answer, rotated) => {
        const grant = rotated();
        answerJson(answer, 200, {
          ...{ access_token: grant?.accessToken, refresh_token: grant?.refreshToken },
          refresh_token_expires_in,
        });
      });
    say(10 * day);
    await present('crd_1');
    expect(await rowOf('crd_1')).toMatchObject({ ends: about(10 * day), isFixed: false });
    const { refresh } = await rowOf('crd_1');
    expect(refresh).toBeGreaterThan(7.9 * day);
    expect(refresh).toBeLessThan(9.1 * day);
    await update(
      'crd_1',
      `obtained_at = obtained_at - interval '1 day',
       refresh_expires_at = refresh_expires_at - interval '1 day'`,
    );
    say(9 * day);
    await present('crd_1');
    expect(await rowOf('crd_1')).toMatchObject({
      ends: about(9 * day),
      isFixed: true,
      refresh: null,
    });
  });

  test.each<[string, Partial<OAuthDeclaration>, object]>([
    ['slides', { refreshExpiresInSeconds: 30 * day }, { ends: about(29 * day), isFixed: false }],
    [
      'is fixed',
      { consentExpiresInSeconds: 30 * day },
      { ends: about(10 * day), isFixed: true, refresh: null },
    ],
    ['is unknown', {}, { ends: null, refresh: null }],
  ])('of tokens that came without one is as declared: it %s', async (_how, oauth, end) => {
    await credential(
      'crd_1',
      "obtained_at = now() - interval '1 day', consented_at = now() - interval '20 days'",
    );
    const facts = await createInspectCredential(deps(oauth))({ credentialId: 'crd_1' });
    const row = await rowOf('crd_1');
    expect(row).toMatchObject(end);
    expect(facts?.refreshAt === null).toBe(row.refresh === null);
    if (row.isFixed || row.ends === null) return;
    expect(row.refresh).toBeGreaterThan(22.9 * day);
    expect(row.refresh).toBeLessThan(26.1 * day);
  });
});
