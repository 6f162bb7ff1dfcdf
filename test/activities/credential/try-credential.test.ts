import { randomBytes } from 'node:crypto';
import { createProviderPlaces } from '../../../activities/credential/provider-places';
import { createTryCredential } from '../../../activities/credential/try-credential';
import { createEnvelope } from '../../../src/crypto/envelope';
import { markDead } from '../../../src/db/queries/credentials/death';
import { storeTokens } from '../../../src/db/queries/credentials/store-tokens';
import { askForTrials } from '../../../src/db/queries/credentials/trial';
import { duePage } from '../../../src/db/queries/sweep/due';
import { createLog } from '../../../src/lib/log';
import { openRegistry } from '../../support/connections';
import type { DeathCode } from '../../../workflows/contract/status';
import { answerJson, type OAuthServer, startOAuthServer } from '../../support/doubles/oauth-server';
import { eventually } from '../../support/eventually';
import { insertCredential, insertIntegration, linkCredential } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';

const minute = 60_000;
const envelope = createEnvelope([{ id: 'k1', key: randomBytes(32) }]);
const lines: string[] = [];
const log = createLog('info', { write: (line) => void lines.push(line) });
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
beforeEach(() => {
  provider.behave(undefined);
  provider.behaveApi(undefined);
  lines.length = 0;
  signals.length = 0;
  faults.length = 0;
});

const signals: string[] = [];
const faults: string[] = [];
const nothing = () => Promise.resolve();
const tell = (kind: string) => (id: string) => {
  signals.push(`${kind} ${id}`);
  return nothing();
};

function tryCredential(credentialId: string) {
  const probe = { url: `${provider.url}/me`, everySeconds: 3_600 };
  const registry = openRegistry({
    providers: { probed: { ...provider.declaration, probe }, mute: provider.declaration },
  });
  const run = createTryCredential({
    ...{ pool: db.pool, envelope, registry, log },
    providerPlaces: createProviderPlaces(registry),
    actors: {
      credentialInvalidated: tell('dead'),
      reauthorized: tell('reauthorized'),
      lookAtIntegration: tell('look'),
    },
    appFaults: {
      report: (_provider, code) => {
        faults.push(code);
        return nothing();
      },
      clear: nothing,
    },
    durations: { presentingMs: 20_000, trialPauseMs: minute },
  });
  return run({ credentialId });
}

/** A dead credential that an operator has asked to be tried. */
async function dead(of: {
  code: DeathCode;
  provider?: 'probed' | 'mute';
  accessOnly?: boolean;
  expires_at?: string;
}): Promise<{ id: string; integrationId: string }> {
  const { code, accessOnly = false, provider: name = 'probed', expires_at = null } = of;
  const id = `crd_${randomBytes(8).toString('hex')}`;
  const grant = provider.grant();
  await insertCredential(db.pool, {
    ...{ id, provider: name, expires_at },
    access_token: envelope.seal(grant.accessToken, `credentials.access_token:${id}`),
    refresh_token: accessOnly
      ? null
      : envelope.seal(grant.refreshToken, `credentials.refresh_token:${id}`),
  });
  const integrationId = await insertIntegration(db.pool, { status: 'ERROR' });
  await linkCredential(db.pool, { integration_id: integrationId, credential_id: id });
  await markDead(db.pool, [{ credentialId: id, version: 1, code }]);
  await ask(integrationId);
  return { id, integrationId };
}

const ask = (integrationId: string) =>
  askForTrials(db.pool, { integrationId, credentialIds: 'all', resume: true, pauseMs: minute });

const read = async (id: string) => {
  const { rows } = await db.pool.query<Record<string, unknown>>(
    `SELECT k.version, k.state, k.code, k.trial_at IS NOT NULL AS tries,
            round(extract(epoch FROM k.trial_at - now()) / 60)::int AS minutes,
            k.trial_refused_at IS NOT NULL AS refused, l.resume_on_trial AS resumes,
            k.refusals, k.refused_since AS "refusedSince"
     FROM credentials k JOIN integration_credentials l ON l.credential_id = k.id WHERE k.id = $1`,
    [id],
  );
  return rows[0];
};

const over = { tries: false, resumes: false };

test('S58 what the provider still rejects stays dead, at its version, and its integration is told to look', async () => {
  const { id, integrationId } = await dead({ code: 'invalid_grant' });
  provider.revokeAll();
  expect(await tryCredential(id)).toMatchObject({
    ...{ facts: { state: 'dead' }, answer: { kind: 'dead', code: 'invalid_grant' } },
  });
  expect(await read(id)).toMatchObject({
    ...{ version: 1, state: 'dead', code: 'invalid_grant', refused: true, ...over },
  });
  expect(signals).toEqual([`look ${integrationId}`]);
});

test('S58 what the provider accepts is alive, and its integration is told', async () => {
  const { id, integrationId } = await dead({ code: 'invalid_grant', provider: 'mute' });
  expect(await tryCredential(id)).toMatchObject({ answer: { kind: 'alive', version: 2 } });
  expect(await read(id)).toMatchObject({ version: 2, state: 'alive', code: null, resumes: true });
  expect(signals).toEqual([`reauthorized ${integrationId}`]);
});

test('S58 the fault of the application is reported as ever, and nobody is told; the next try is a minute later', async () => {
  const { id, integrationId } = await dead({ code: 'invalid_grant' });
  provider.behave((answer) => answerJson(answer, 401, { error: 'invalid_client' }));
  await tryCredential(id);
  expect(await read(id)).toMatchObject({
    ...{ state: 'dead', code: 'invalid_grant', tries: true, minutes: 1, refused: false },
    resumes: true,
  });
  expect([faults, signals]).toEqual([['invalid_client'], []]);
  // However often it is asked for, and whoever comes: not before its time.
  const calls = provider.tokenCalls();
  await ask(integrationId);
  await tryCredential(id);
  expect(provider.tokenCalls()).toBe(calls);
});

test('S58 the wait grows, and ends with the hour', async () => {
  const { id, integrationId } = await dead({ code: 'invalid_grant' });
  provider.behave((answer) => void answer.writeHead(503).end());
  const tryAfter = async (minutes: number) => {
    await db.pool.query(
      `UPDATE credentials SET trial_at = now(), trial_until = now() + $2 * interval '1 minute'
       WHERE id = $1`,
      [id, 60 - minutes],
    );
    await tryCredential(id);
    return read(id);
  };
  expect(await tryAfter(0)).toMatchObject({ tries: true, minutes: 1 });
  expect(await tryAfter(30)).toMatchObject({ tries: true, minutes: expect.any(Number) as number });
  const later = Number((await read(id))?.['minutes']);
  expect(later).toBeGreaterThanOrEqual(4);
  expect(later).toBeLessThanOrEqual(5);
  expect(signals).toEqual([]);
  expect(await tryAfter(59)).toMatchObject({ state: 'dead', refused: false, ...over });
  expect(signals).toEqual([`look ${integrationId}`]);
});

test('S58 a try whose end nobody wrote is made again after a minute, and knows that the token was shown', async () => {
  const { id } = await dead({ code: 'invalid_grant' });
  await db.pool.query(
    `UPDATE credentials SET presenting_version = 1, presenting_attempt = 'gone',
       presenting_until = now() + interval '10 seconds' WHERE id = $1`,
    [id],
  );
  const calls = provider.tokenCalls();
  const { facts } = await tryCredential(id);
  expect(Date.parse(facts?.trialAt ?? '') - Date.now()).toBeGreaterThan(5_000);
  expect(provider.tokenCalls()).toBe(calls);
  await db.pool.query('UPDATE credentials SET presenting_until = now() WHERE id = $1', [id]);
  provider.behave((answer) => void answer.writeHead(503).end());
  await tryCredential(id);
  const { rows } = await db.pool.query(
    'SELECT unanswered_version AS version FROM credentials WHERE id = $1',
    [id],
  );
  expect(rows).toEqual([{ version: 1 }]);
});

test('S58 S36 a trial that was sent and not answered leaves word of that', async () => {
  const { id } = await dead({ code: 'invalid_grant' });
  provider.behave((answer) => void answer.destroy());
  await tryCredential(id);
  const sql = 'SELECT unanswered_version AS version FROM credentials WHERE id = $1';
  expect((await db.pool.query(sql, [id])).rows).toEqual([{ version: 1 }]);
});

test('S58 S32 whoever stood still while another made the next try ends nothing of that', async () => {
  const { id } = await dead({ code: 'invalid_grant' });
  const answers: (() => void)[] = [];
  provider.behave((answer, rotate) => {
    const issued = answers.length === 0 ? null : rotate();
    const body = issued && { access_token: issued.accessToken, token_type: 'Bearer' };
    answers.push(() => answerJson(answer, body ? 200 : 400, body ?? { error: 'invalid_grant' }));
  });
  const first = tryCredential(id);
  await eventually(() => expect(answers).toHaveLength(1));
  await db.pool.query(
    'UPDATE credentials SET trial_at = now(), presenting_until = now() WHERE id = $1',
    [id],
  );
  const second = tryCredential(id);
  await eventually(() => expect(answers).toHaveLength(2));
  answers[0]?.();
  await first;
  expect(await read(id)).toMatchObject({ tries: true, refused: false });
  answers[1]?.();
  await second;
  expect(await read(id)).toMatchObject({ version: 2, state: 'alive' });
});

test.each(['access_refused', 'revoked'] as const)(
  'S58 after %s a refresh is not enough: a probe has to pass, and where none is declared nothing is shown',
  async (code) => {
    const { id } = await dead({ code });
    await db.pool.query(
      'UPDATE credentials SET refused_since = now(), refused_at = now(), refusals = 4 WHERE id = $1',
      [id],
    );
    provider.behaveApi((answer) => void answer.writeHead(500).end());
    await tryCredential(id);
    expect(await read(id)).toMatchObject({ version: 2, state: 'dead', code, tries: true });
    provider.behaveApi(undefined);
    await db.pool.query('UPDATE credentials SET trial_at = now() WHERE id = $1', [id]);
    await tryCredential(id);
    expect(await read(id)).toMatchObject({
      ...{ version: 3, state: 'alive', code: null, refusals: 0, refusedSince: null },
    });

    const mute = await dead({ code, provider: 'mute' });
    const calls = provider.tokenCalls();
    await tryCredential(mute.id);
    expect(await read(mute.id)).toMatchObject({
      version: 1,
      state: 'dead',
      refused: false,
      ...over,
    });
    expect(provider.tokenCalls()).toBe(calls);
    expect(lines.at(-1)).toContain('"verdict":"unasked"');
  },
);

test('S58 without a refresh token the access token is asked about, while it lives', async () => {
  const accessOnly = true;
  const good = await dead({ code: 'revoked', accessOnly });
  await tryCredential(good.id);
  expect(await read(good.id)).toMatchObject({ version: 1, state: 'alive', code: null });

  const ended = await dead({
    ...{ code: 'no_refresh_token', accessOnly, expires_at: '2026-01-01T00:00:00Z' },
  });
  const asked = provider.apiCalls();
  await tryCredential(ended.id);
  expect(await read(ended.id)).toMatchObject({ state: 'dead', refused: false, ...over });
  expect(provider.apiCalls()).toBe(asked);

  const refused = await dead({ code: 'revoked', accessOnly });
  provider.revokeAll();
  await tryCredential(refused.id);
  expect(await read(refused.id)).toMatchObject({
    version: 1,
    state: 'dead',
    refused: true,
    ...over,
  });
});

test('S58 the sweep signals for a trial whose time has passed, and for no other', async () => {
  await db.pool.query('DELETE FROM integration_credentials');
  await db.pool.query('DELETE FROM credentials');
  const { id } = await dead({ code: 'invalid_grant' });
  const due = () => duePage(db.pool, 'credential', { all: false, after: '', limit: 9 });
  expect((await due()).due).toEqual([]);
  await db.pool.query("UPDATE credentials SET trial_at = now() - interval '6 seconds'");
  expect((await due()).due).toEqual([{ kind: 'credential', id, version: 1 }]);
  await db.pool.query(
    "UPDATE credentials SET state = 'alive', probe_at = now() + interval '1 hour'",
  );
  expect((await due()).due).toEqual([]);
});

test('S58 a trial whose hour has passed after a try is over, whatever became of that try', async () => {
  const { id } = await dead({ code: 'invalid_grant' });
  await db.pool.query(
    `UPDATE credentials SET trial_until = now(), trial_at = now(),
                            tried_at = now() - interval '10 minutes' WHERE id = $1`,
    [id],
  );
  const calls = provider.tokenCalls();
  await tryCredential(id);
  expect(provider.tokenCalls()).toBe(calls);
  expect(await read(id)).toMatchObject({ state: 'dead', ...over });
});

test('S6 S58 other tokens end what was asked for with a trial: a switched-off integration stays off', async () => {
  const { id } = await dead({ code: 'invalid_grant' });
  const grant = { ...provider.grant(), proven: false };
  await storeTokens(db.pool, envelope, { credentialId: id, grant, refreshTokenHash: null });
  expect(await read(id)).toMatchObject({ version: 2, state: 'alive', ...over });
});
