import type { ServerResponse } from 'node:http';
import { readIntegrationCredential } from '../../../src/db/queries/credentials/of-integration';
import { showRefreshToken } from '../../../src/gateway/api/operations/show-refresh-token';
import { createLog } from '../../../src/lib/log';
import { openRegistry } from '../../support/connections';
import { createActors } from '../../../src/temporal/actors';
import { answerJson, type OAuthServer, startOAuthServer } from '../../support/doubles/oauth-server';
import { eventually } from '../../support/eventually';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { signalsOf } from '../signals';

let fixture: GatewayFixture;
let vendor: OAuthServer;
beforeAll(async () => {
  vendor = await startOAuthServer();
  fixture = await gatewayFixture({ providers: { vendor: vendor.declaration } });
}, 60_000);
afterAll(async () => {
  await fixture.close();
  await vendor.close();
});
afterEach(() => vendor.behave(undefined));

type Rotate = () => { accessToken: string; refreshToken: string } | null;

/**
 * Tokens that are shown while their caller waits no longer than the vendor lets it.
 *
 * @returns how the vendor answers at last, and what goes on until then
 */
async function shownLate(userId: string) {
  const { id, credentials } = await fixture.create({
    ...{ userId, provider: 'vendor', credentials: { main: { accessToken: 'old' } } },
  });
  const credentialId = credentials[0]?.id ?? '';
  let held: { answer: ServerResponse; rotate: Rotate } | undefined;
  vendor.behave((answer, rotate) => {
    held = { answer, rotate };
  });
  const credential = await readIntegrationCredential(fixture.pool, id);
  const provider = openRegistry({ providers: { vendor: vendor.declaration } }).get('vendor');
  if (credential === undefined || provider === undefined) throw new Error('not there');
  const running: Promise<unknown>[] = [];
  const grant = vendor.grant();
  const outcome = await showRefreshToken(
    {
      ...fixture,
      actors: createActors(fixture.temporal.client),
      log: createLog('silent'),
      background: (work) => running.push(work),
    },
    provider,
    { held: credential, grant: { ...grant, proven: false }, resume: undefined },
    200,
  );
  const shown = await eventually(() => {
    if (held === undefined) throw new Error('nothing was shown yet');
    return held;
  });
  return { id, credentialId, outcome, ...shown, ended: () => Promise.all(running) };
}

const row = async (credentialId: string) => {
  const { rows } = await fixture.pool.query<Record<string, unknown>>(
    `SELECT version, state, code, verified_at IS NOT NULL AS verified, presenting_version AS presented,
            unanswered_version AS unanswered FROM credentials WHERE id = $1`,
    [credentialId],
  );
  return rows[0];
};

const stored = { kind: 'stored', version: 2 };

test('S36 the caller waits no longer: what was given is stored, nobody else shows it, and what comes late is stored after it', async () => {
  const { id, credentialId, outcome, answer, rotate, ended } = await shownLate('late');
  expect(outcome).toMatchObject(stored);
  expect(await row(credentialId)).toMatchObject({ version: 2, verified: false, presented: 2 });
  const renewed = rotate();
  answerJson(answer, 200, {
    ...{ access_token: renewed?.accessToken, refresh_token: renewed?.refreshToken },
    ...{ token_type: 'Bearer', expires_in: 3_600 },
  });
  await ended();
  expect(await row(credentialId)).toMatchObject({ version: 3, verified: true, presented: null });
  expect((await fixture.call('GET', `/v1/integrations/${id}/token`)).body).toMatchObject({
    ...{ accessToken: renewed?.accessToken, version: 3 },
  });
});

test('S3 tokens that were stored meanwhile outdo what comes late', async () => {
  const { id, credentialId, answer, rotate, ended } = await shownLate('outdone');
  const path = `/v1/integrations/${id}/credentials/main`;
  expect((await fixture.call('PUT', path, { accessToken: 'newest' })).body).toEqual({ version: 3 });
  answerJson(answer, 200, { access_token: rotate()?.accessToken, token_type: 'Bearer' });
  await ended();
  expect(await row(credentialId)).toMatchObject({ version: 3 });
  expect((await fixture.call('GET', `/v1/integrations/${id}/token`)).body).toMatchObject({
    ...{ accessToken: 'newest' },
  });
});

test('S29 a late refusal is a death, and every integration is told', async () => {
  const { id, credentialId, outcome, answer, ended } = await shownLate('refused');
  expect(outcome).toMatchObject(stored);
  answerJson(answer, 400, { error: 'invalid_grant' });
  await ended();
  expect(await row(credentialId)).toMatchObject({
    version: 2,
    state: 'dead',
    code: 'invalid_grant',
  });
  expect(await signalsOf(fixture, `integration:${id}`)).toContainEqual({
    name: 'credentialInvalidated',
    input: { credentialId, version: 2, code: 'invalid_grant' },
  });
});

test('S36 where no answer ever comes, the next refusal is known to be a lost rotation', async () => {
  const { credentialId, answer, ended } = await shownLate('lost');
  answer.destroy();
  await ended();
  expect(await row(credentialId)).toMatchObject({
    ...{ version: 2, state: 'alive', presented: null, unanswered: 2 },
  });
});
