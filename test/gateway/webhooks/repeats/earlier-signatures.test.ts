import { createHmac, randomUUID } from 'node:crypto';
import { rememberFromBefore } from '../../../../src/gateway/webhooks/repeats/earlier-signatures';
import { createLog } from '../../../../src/lib/log';
import { builtInProviders } from '../../../../src/providers/built-in';
import { openRegistry } from '../../../support/connections';
import { eventually } from '../../../support/eventually';
import { insertDelivery, sql } from '../../../support/scenes/rows';
import { type GatewayFixture, gatewayFixture } from '../../gateway-fixture';

const clientSecret = 'client-secret-of-the-app';
const providers = builtInProviders({ shopify: { client: { clientId: 'app', clientSecret } } });
const [mine, theirs] = ['mine.myshopify.com', 'theirs.myshopify.com'];
let gateway: GatewayFixture;
let integration: string;
beforeAll(async () => {
  gateway = await gatewayFixture({ providers });
  const connect = (account: string) =>
    gateway.create({
      ...{ provider: 'shopify', credentials: undefined, webhookSecret: clientSecret },
      ...{ parameters: { shop: account }, webhookAccount: account },
    });
  integration = (await connect(mine)).id;
  await connect(theirs);
});
afterAll(() => gateway.close());

const newBody = () => JSON.stringify({ id: randomUUID() });
const signature = (body: string) =>
  createHmac('sha256', clientSecret).update(body).digest('base64');

/** A delivery as versions before stored it. */
async function storedBefore(id: string) {
  const body = newBody();
  const headers = [
    ['X-Shopify-Hmac-Sha256', signature(body)],
    ['X-Shopify-Shop-Domain', mine],
  ];
  await insertDelivery(gateway.pool, {
    ...{ id, integration_id: integration, state: 'handled', body: Buffer.from(body) },
    ...{ headers: JSON.stringify(headers), received_at: sql("now() - interval '1 hour'") },
  });
  return body;
}

async function send(body: string, account: string) {
  const answer = await gateway.app.inject({
    ...{ method: 'POST', url: '/webhooks/apps/shopify', payload: body },
    headers: {
      'content-type': 'application/json',
      'X-Shopify-Hmac-Sha256': signature(body),
      'X-Shopify-Shop-Domain': account,
    },
  });
  return answer.statusCode;
}

async function knownTo() {
  const { rows } = await gateway.pool.query<{ to: string | null }>(
    'SELECT signatures_known_to AS to FROM installation',
  );
  return rows[0]?.to;
}

const olderUntil = (time: string) =>
  gateway.pool.query(`UPDATE installation SET older_until = now() + $1::interval`, [time]);

/** A gateway goes through what is stored, a row at a time, until it is so far. */
async function goneThroughTo(id: string | null) {
  const log = createLog('silent');
  const { pool, envelope } = gateway;
  const remembering = rememberFromBefore(
    { pool, envelope, registry: openRegistry({ providers }), log },
    { everyMs: 10, batchSize: 1 },
  );
  await eventually(async () => expect(await knownTo()).toBe(id));
  await remembering.stop();
}

test('S12 signatures that were stored and forwarded before are remembered, in pieces and once', async () => {
  await olderUntil('1 day');
  const [one, two] = [await storedBefore('dlv_01'), await storedBefore('dlv_02')];
  // Somebody was quicker.
  expect(await send(two, theirs)).toBe(202);
  await goneThroughTo('dlv_02');
  for (const body of [one, two]) {
    expect(await send(body, theirs)).toBe(401);
    expect(await send(body, mine)).toBe(202);
  }
  // An older process goes on for a while; what it stores is found by whoever comes next.
  const three = await storedBefore('dlv_03');
  await goneThroughTo('dlv_03');
  expect(await send(three, theirs)).toBe(401);
  await olderUntil('-5 minutes');
  await goneThroughTo(null);
});
