import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { createEnvelope } from '../../../src/crypto/envelope';
import { createPool } from '../../../src/db/pool';
import { createSignatureMemory } from '../../../src/gateway/webhooks/signature-memory';
import { createLog } from '../../../src/lib/log';
import { builtInProviders } from '../../../src/providers/built-in';
import type { VerifiedWebhook } from '../../../src/webhooks/verify';
import { eventually } from '../../support/eventually';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';

const clientSecret = 'client-secret-of-the-app';
let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture({
    providers: {
      ...builtInProviders({ shopify: { client: { clientId: 'app', clientSecret } } }),
      plain: {
        webhook: {
          ...{ scheme: 'hmac', header: 'x-signature', algorithm: 'sha256', encoding: 'hex' },
          ...{ secrets: [clientSecret], accountHeader: 'x-account', eventsPointer: '/events' },
        },
      },
      own: {
        webhook: {
          ...{ scheme: 'hmac', header: 'x-signature', algorithm: 'sha256', encoding: 'hex' },
          accountHeader: 'x-account',
        },
      },
      open: { webhook: { scheme: 'none', accountHeader: 'x-account' } },
    },
  });
});
afterAll(() => gateway.close());

const shop = () => `s${randomBytes(6).toString('hex')}.myshopify.com`;

/** An integration that takes the shop's events, at the application's address and, with the app's secret, at its own. */
const connect = (account: string) =>
  gateway.create({
    ...{ provider: 'shopify', credentials: undefined, webhookSecret: clientSecret },
    ...{ parameters: { shop: account }, webhookAccount: account },
  });

const anyBody = () => JSON.stringify({ id: randomUUID() });
const hmac = (body: string) => createHmac('sha256', clientSecret).update(body);

async function send(url: string, body: string, account: string | undefined, prefix = 'X-') {
  const answer = await gateway.app.inject({
    ...{ method: 'POST', url, payload: body },
    headers: {
      'content-type': 'application/json',
      [`${prefix}Shopify-Hmac-Sha256`]: hmac(body).digest('base64'),
      [`${prefix}Shopify-Event-Id`]: randomUUID(),
      [`${prefix}Shopify-Topic`]: 'orders/create',
      ...(account === undefined ? {} : { [`${prefix}Shopify-Shop-Domain`]: account }),
    },
  });
  const { outcome, error } = JSON.parse(answer.body) as {
    outcome?: string;
    error?: { code: string };
  };
  return [answer.statusCode, outcome ?? error?.code];
}

const all = '/webhooks/apps/shopify';
const taken = [202, 'parked'];
const conflict = [401, 'account_conflict'];

const stored = async ({ id }: { id: string }) =>
  (await gateway.pool.query('SELECT FROM deliveries WHERE integration_id = $1', [id])).rowCount;

test('S12 a signature that came for one account is no good for another, at whichever address', async () => {
  const [mine, theirs] = [shop(), shop()];
  const [own, victim] = [await connect(mine), await connect(theirs)];
  const body = anyBody();
  expect(await send(all, body, mine)).toEqual(taken);
  expect(await send(all, body, theirs)).toEqual(conflict);
  expect(await send(all, body, theirs, '')).toEqual(conflict);
  // Before anybody is looked for: nor is it told whether there is such an account.
  expect(await send(all, body, shop())).toEqual(conflict);
  for (const account of [theirs, mine, undefined]) {
    expect(await send(`/webhooks/${victim.id}`, body, account)).toEqual(conflict);
  }
  expect(await send(`/webhooks/${own.id}`, body, theirs)).toEqual(conflict);
  expect([await stored(own), await stored(victim)]).toEqual([1, 0]);

  // The same account with another id is another event, wherever it comes to.
  expect(await send(all, body, mine, '')).toEqual(taken);
  expect(await send(`/webhooks/${own.id}`, body, mine)).toEqual(taken);
  expect(await send(`/webhooks/${own.id}`, body, undefined)).toEqual(taken);
  await eventually(async () => {
    for (const url of [`/v1/integrations/${victim.id}`, '/v1/providers/shopify']) {
      const { body: list } = await gateway.call('GET', `${url}/rejections`);
      expect(list.items).toContainEqual(expect.objectContaining({ reason: 'account_conflict' }));
    }
  });
});

test('S12 of two accounts at the same moment one has it', async () => {
  const shops = [shop(), shop()];
  for (const each of shops) await connect(each);
  for (let round = 0; round < 5; round++) {
    const body = anyBody();
    const answers = await Promise.all(shops.map((account) => send(all, body, account)));
    expect(answers.map(([status]) => status).sort()).toEqual([202, 401]);
  }
});

test('S12 however a signature is written, it is the same; all events of a request are of the account', async () => {
  const body = JSON.stringify({ events: [{ n: randomUUID() }, { n: randomUUID() }] });
  const post = async (account: string, signature: string) => {
    const headers = { 'x-account': account, 'x-signature': signature };
    const url = '/webhooks/apps/plain';
    const answer = await gateway.app.inject({ method: 'POST', url, headers, payload: body });
    return answer.statusCode;
  };
  const integration = await gateway.create({
    ...{ provider: 'plain', credentials: undefined, webhookAccount: 'plain-1' },
  });
  const hex = hmac(body).digest('hex');
  expect(await post('plain-1', hex)).toBe(202);
  expect(await stored(integration)).toBe(2);
  expect(await post('plain-2', hex.toUpperCase())).toBe(401);
  const { rows } = await gateway.pool.query<{ hash: Buffer; row: string }>(
    "SELECT hash, to_json(s)::text AS row FROM webhook_signatures s WHERE provider = 'plain'",
  );
  // Keyed: the row says nothing to whoever has the signature or knows an account, and is still there once that is gone.
  expect(rows.map(({ hash }) => hash.length)).toEqual([32]);
  expect(rows[0]?.hash.toString('hex')).not.toBe(hex);
  expect(rows[0]?.row).not.toMatch(/plain-1|706c61696e2d31/);
});

describe('S12 a credential’s account may be of another kind than what the header names', () => {
  const post = async (url: string, body: string, account: string) => {
    const headers = { 'x-account': account, 'x-signature': hmac(body).digest('hex') };
    const answer = await gateway.app.inject({ method: 'POST', url, headers, payload: body });
    return answer.statusCode;
  };

  /** An integration at its own address, whose credential has an account of its own. */
  async function connected(provider: string, isProven = true) {
    const user = randomUUID();
    const { id } = await gateway.create({
      ...{ provider, userId: user, credentials: undefined },
      ...(provider === 'open' ? {} : { webhookSecret: clientSecret }),
    });
    const credential = `crd_${user}`;
    await gateway.pool.query(
      `INSERT INTO credentials (id, user_id, provider, state, account_id, account_proven)
       VALUES ($1, $2, $3, 'alive', $2, $4)`,
      [credential, user, provider, isProven],
    );
    await gateway.pool.query(
      "INSERT INTO integration_credentials (integration_id, name, credential_id) VALUES ($1, 'main', $2)",
      [id, credential],
    );
    return `/webhooks/${id}`;
  }

  test('what it names is let in, and a signature of it is no good for anybody else', async () => {
    const [one, two] = [await connected('own'), await connected('own')];
    const body = anyBody();
    expect(await post(one, body, 'shop-1')).toBe(202);
    expect(await post(one, body, 'shop-1')).toBe(202);
    expect(await post(one, body, 'shop-2')).toBe(401);
    expect(await post(two, body, 'shop-1')).toBe(401);
    // Nor one that came for an account first.
    const before = anyBody();
    const claimed = await gateway.create({
      ...{ provider: 'own', credentials: undefined, webhookSecret: clientSecret },
      webhookAccount: 'shop-3',
    });
    expect(await post(`/webhooks/${claimed.id}`, before, 'shop-3')).toBe(202);
    expect(await post(one, before, 'shop-4')).toBe(401);
    expect(await post(`/webhooks/${claimed.id}`, anyBody(), 'shop-4')).toBe(401);
  });

  test('what another integration claims is not let in in its name', async () => {
    const one = await connected('own');
    await gateway.create({ provider: 'own', credentials: undefined, webhookAccount: 'shop-5' });
    expect(await post(one, anyBody(), 'shop-5')).toBe(401);
  });

  test('with one secret for all accounts a proven account is what the header names', async () => {
    expect(await post(await connected('plain'), anyBody(), 'shop-6')).toBe(401);
    expect(await post(await connected('plain', false), anyBody(), 'shop-6')).toBe(202);
  });

  test('without a signature there is none of another account', async () => {
    expect(await post(await connected('open'), anyBody(), 'shop-7')).toBe(202);
  });
});

test('S12 nothing is let in unremembered: 503 where the key can not be read', async () => {
  const { database } = gateway;
  // Another process, with other keys.
  const pool = createPool(database.url, createLog('silent'));
  const envelope = createEnvelope([{ id: 'other', key: randomBytes(32) }]);
  try {
    const memory = createSignatureMemory({ pool, envelope });
    const verified: VerifiedWebhook = {
      ok: true,
      ...{ declaration: { scheme: 'shopify' }, handshake: null, events: [] },
      unsignedAccount: { named: 'a', signatures: [randomBytes(32)] },
    };
    await gateway.pool.query(
      "INSERT INTO hash_keys (id, key) VALUES ('webhook_signatures', $1) ON CONFLICT DO NOTHING",
      [gateway.envelope.seal('key', 'hash_keys.key:webhook_signatures')],
    );
    await expect(memory.check({ provider: 'shopify', own: null }, verified)).rejects.toMatchObject({
      code: 'sealing_key_unavailable',
      status: 503,
    });
  } finally {
    await pool.end();
  }
});
