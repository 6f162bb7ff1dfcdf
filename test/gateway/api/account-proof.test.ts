import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHmac, randomUUID } from 'node:crypto';
import type { ProviderDeclaration } from '../../../src/providers/provider';
import { markProvider } from '../../support/recorder/server-roles';
import type { WebhookDeclaration } from '../../../src/providers/webhook-declaration';
import { eventually } from '../../support/eventually';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';

const secret = 'secret of the application';
let vendor: Server;
let gateway: GatewayFixture;
/** Whose a token is; what is no account is a status. */
const whose = (header = '') => header.replace('Bearer of-', '');

beforeAll(async () => {
  vendor = createServer((request, answer) => {
    const account = whose(request.headers.authorization);
    const isStatus = /^\d+$/.test(account);
    const shop = /^\/shops\/(.*)$/.exec(request.url ?? '')?.[1];
    const isRefused = shop !== undefined && shop !== account;
    answer.writeHead(isStatus ? Number(account) : isRefused ? 401 : 200);
    answer.end(JSON.stringify({ id: account }));
  }).listen(0, '127.0.0.1');
  markProvider(vendor);
  await new Promise((resolve) => vendor.once('listening', resolve));
  const url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  const oauth = {
    ...{ authorizationUrl: `${url}/authorize`, tokenUrl: `${url}/token` },
    ...{ clientId: 'app', clientSecret: 'secret-of-the-client' },
  };
  const webhook: WebhookDeclaration = {
    ...{ scheme: 'github', secrets: [secret], accountPointer: '/account' },
  };
  const asked: ProviderDeclaration = {
    oauth: { ...oauth, account: { url: `${url}/me`, pointer: '/id' } },
    webhook,
  };
  gateway = await gatewayFixture({
    providers: {
      asked,
      strict: { ...asked, webhook: { ...webhook, accountProof: 'oauth' } },
      shops: {
        oauth: { ...oauth, parameters: { shop: /[a-z]+/ }, account: { parameter: 'shop' } },
        probe: { url: `${url}/shops/{shop}`, everySeconds: 3600 },
        webhook,
      },
    },
  });
});
afterAll(async () => {
  await gateway.close();
  vendor.close();
});

const connect = (accountId: string, of = accountId, fields: object = {}) =>
  gateway.call('POST', '/v1/integrations', {
    ...{ userId: randomUUID(), name: 'n', provider: 'asked', handler: 'sync' },
    ...{ credentials: { main: { accessToken: `of-${of}`, accountId } }, ...fields },
  });

const proof = async (id: string) =>
  (
    (await gateway.call('GET', `/v1/integrations/${id}`)).body.credentials as unknown as {
      accountProven: boolean;
    }[]
  )[0]?.accountProven;

const put = (id: string, tokens: object) =>
  gateway.call('PUT', `/v1/integrations/${id}/credentials/main`, tokens);

const mismatch = { status: 409, body: { error: { code: 'account_mismatch' } } };

/** @returns how many deliveries there are of each integration */
async function webhook(account: string, ids: readonly string[], provider = 'asked') {
  const payload = JSON.stringify({ account, note: randomUUID() });
  const signature = createHmac('sha256', secret).update(payload).digest('hex');
  const answer = await gateway.app.inject({
    ...{ method: 'POST', url: `/webhooks/apps/${provider}`, payload },
    headers: { 'x-github-delivery': randomUUID(), 'x-hub-signature-256': `sha256=${signature}` },
  });
  expect(answer.statusCode).toBe(202);
  return Promise.all(
    ids.map(async (id) => {
      const { rowCount } = await gateway.pool.query(
        'SELECT FROM deliveries WHERE integration_id = $1 AND position(convert_to($2, $3) IN body) > 0',
        [id, payload, 'utf8'],
      );
      return rowCount;
    }),
  );
}

test('S44 an account that the API gives is asked for with its token', async () => {
  const refused = await connect('mine', 'theirs');
  expect(refused).toMatchObject(mismatch);
  const { rowCount } = await gateway.pool.query(
    "SELECT FROM credentials WHERE account_id = 'mine'",
  );
  expect(rowCount).toBe(0);
  const { body: proven } = await connect('mine');
  expect(await proof(proven.id)).toBe(true);
  // No word about the account: away, refused, unreadable.
  for (const status of ['503', '401', '204']) {
    const { status: created, body } = await connect('mine', status);
    expect([created, await proof(body.id)]).toEqual([201, false]);
    expect(await put(body.id, { accessToken: 'of-theirs' })).toMatchObject(mismatch);
    expect(await put(body.id, { accessToken: 'of-mine' })).toMatchObject({ status: 200 });
    expect(await proof(body.id)).toBe(true);
  }
  // What was proven once stays so: the row's account is the same.
  expect(await put(proven.id, { accessToken: 'of-503', accountId: 'mine' })).toMatchObject({
    status: 200,
  });
  expect(await proof(proven.id)).toBe(true);
});

test('S44 where a parameter is the account, a probe that holds it has to accept the token', async () => {
  const shop = (accountId: string, of: string) =>
    connect(accountId, of, { provider: 'shops', parameters: { shop: 'one' } });
  expect(await shop('another', 'one')).toMatchObject(mismatch);
  expect(await proof((await shop('one', 'one')).body.id)).toBe(true);
  expect(await proof((await shop('one', 'another')).body.id)).toBe(false);
  const external = { credentials: { main: { external: true, accountId: 'one' } } };
  const { body } = await connect('one', 'one', { ...external, provider: 'asked' });
  expect(await proof(body.id)).toBe(false);
});

test('S17 S44 a claim without proof gets nothing once another user has proven the account', async () => {
  const account = `a-${randomUUID()}`;
  const userId = randomUUID();
  const without = { credentials: undefined, webhookAccount: account };
  const { body: claimed } = await connect(account, '503', { userId: 'claimant' });
  const { body: named } = await connect(account, account, { ...without, userId: 'namer' });
  const ids = [claimed.id, named.id];
  // Nobody has proven it: both are believed.
  expect(await webhook(account, ids)).toEqual([1, 1]);

  const { body: proven } = await connect(account, account, { userId });
  const { body: own } = await connect(account, account, { ...without, userId, name: 'own' });
  expect(await webhook(account, [...ids, proven.id, own.id])).toEqual([0, 0, 1, 1]);
  for (const id of ids) {
    await eventually(async () => {
      const { body } = await gateway.call('GET', `/v1/integrations/${id}/rejections`);
      expect(body.items).toMatchObject([{ reason: 'unproven_account' }]);
    });
  }
  const warnings = gateway.logged.filter((line) => line.includes('without a proof'));
  expect(warnings).toHaveLength(1);

  // A row of which nobody can tell who named its account is shut out by nobody.
  await gateway.pool.query(
    `UPDATE credentials SET account_from_before = true WHERE account_id = $1 AND NOT account_proven`,
    [account],
  );
  expect(await webhook(account, ids)).toEqual([1, 0]);
  expect(await put(claimed.id, { accessToken: `of-${account}` })).toMatchObject({ status: 200 });
  expect(await webhook(account, ids)).toEqual([1, 0]);
});

test('S17 S44 with accountProof every claim needs a proof', async () => {
  const account = `a-${randomUUID()}`;
  const { body: claimed } = await connect(account, '503', { provider: 'strict' });
  expect(await webhook(account, [claimed.id], 'strict')).toEqual([0]);
  const { body: proven } = await connect(account, account, { provider: 'strict' });
  expect(await webhook(account, [claimed.id, proven.id], 'strict')).toEqual([0, 1]);
});
