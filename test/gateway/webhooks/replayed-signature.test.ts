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
  const { rows } = await gateway.pool.query<{ hash: Buffer }>(
    "SELECT hash FROM webhook_signatures WHERE provider = 'plain'",
  );
  // Keyed: the row says nothing to whoever has the signature.
  expect(rows.map(({ hash }) => hash.length)).toEqual([32]);
  expect(rows[0]?.hash.toString('hex')).not.toBe(hex);
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
    await expect(
      memory.check({ provider: 'shopify', accounts: [] }, verified),
    ).rejects.toMatchObject({ code: 'sealing_key_unavailable', status: 503 });
  } finally {
    await pool.end();
  }
});
