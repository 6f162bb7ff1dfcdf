import { createHmac } from 'node:crypto';
import pg from 'pg';
import { startGateway } from '../../../src/gateway/main';
import { createLog } from '../../../src/lib/log';
import { differences } from '../../metrics/catalogue';
import { lint, metricsOf } from '../../metrics/exposition';
import { eventually } from '../../support/eventually';
import { readEvents } from '../../support/event-reader';
import { freePort } from '../../support/processes/free-port';
import { startSystem, type System } from '../../support/scenes/system';

const configuration = {
  providers: {
    hooks: { webhook: { scheme: 'github' as const } },
    acme: {
      oauth: {
        authorizationUrl: 'https://acme.example/authorize',
        tokenUrl: 'https://acme.example/token',
        clientId: 'holdfast',
        clientSecret: 'not-a-secret',
      },
    },
  },
  handlers: { sync: () => Promise.resolve() },
};

const token = 'a-token-for-metrics-that-is-long-enough';
const apiKey = 'an-api-key-of-the-tests-with-more-than-32-characters';
const user = 'a-user-of-the-scenario';

let system: System;
beforeAll(async () => {
  system = await startSystem({
    ...{ configuration, withoutWorker: true },
    config: { metrics: true, metricsToken: token, snapshotSeconds: 0.2 },
  });
});
afterAll(() => system.close());

const read = (url: string, headers: Record<string, string> = {}) => fetch(url, { headers });
const scrape = async (url = system.url) => (await read(`${url}/metrics`)).text();

/** As an own gateway on the same database. */
const another = (config: object) =>
  startGateway({ ...system.config, ...config }, { configuration, log: createLog('silent') });

interface Created {
  id: string;
  webhookSecret: string;
}

const create = async (name: string, provider: string, credentials?: object) => {
  const answer = await system.api<Created>('POST', '/v1/integrations', {
    ...{ userId: user, name, provider, handler: 'sync' },
    ...(credentials === undefined ? {} : { credentials }),
  });
  expect(answer.status).toBe(201);
  return answer.body;
};

async function send({ id, webhookSecret }: Created, body: string, secret = webhookSecret) {
  const digest = createHmac('sha256', secret).update(body).digest('hex');
  const answer = await fetch(`${system.url}/webhooks/${id}`, {
    method: 'POST',
    headers: {
      'x-hub-signature-256': `sha256=${digest}`,
      'x-github-event': 'the-type',
      'x-github-delivery': 'the-same',
    },
    body,
  });
  return answer.status;
}

test('every metric of the gateway is there after a scenario, with its labels, and nobody can be told by one', async () => {
  const hooks = await create('hooks', 'hooks');
  const acme = await create('acme', 'acme', {
    main: { accessToken: 'an-access-token', refreshToken: 'a-refresh-token' },
  });
  expect(await send(hooks, '{"n":1}')).toBe(202);
  expect(await send(hooks, '{"n":1}')).toBeLessThan(300);
  expect(await send(hooks, '{"n":2}', 'another secret')).toBe(401);
  expect(await send({ ...hooks, id: 'int_nobody' }, '{}')).toBe(404);
  expect((await system.api('GET', `/v1/integrations/${acme.id}/token`)).status).toBe(200);
  expect((await system.api('GET', '/v1/integrations/int_nobody/token')).status).toBe(404);
  expect((await read(`${system.url}/oauth/acme/callback?state=unknown`)).status).toBe(400);
  expect((await read(`${system.url}/oauth/nobody/callback?state=unknown`)).status).toBe(404);
  expect((await read(`${system.url}/nowhere/${user}`)).status).toBe(404);
  const stream = await readEvents(`${system.url}/api/users/${user}/events`, {
    authorization: `Bearer ${apiKey}`,
  });
  const text = await eventually(async () => {
    const seen = await scrape();
    expect(seen).toMatch(/holdfast_snapshot_timestamp_seconds \d/);
    expect(seen).toMatch(/holdfast_temporal_up 1/);
    expect(seen).toMatch(/holdfast_inbox_signals_total\{result="sent"\} 1/);
    expect(seen).toMatch(/holdfast_credentials\{/);
    expect(seen).toMatch(/holdfast_deliveries_pending\{kind="due"\} 1/);
    return seen;
  });
  stream.close();

  const metrics = metricsOf(text);
  expect(differences(metrics, 'gateway')).toEqual([]);
  expect([...metrics.keys()].filter((name) => !/^(holdfast|process|nodejs)_/.test(name))).toEqual(
    [],
  );
  expect(lint(metrics)).toEqual([]);

  for (const line of [
    'webhooks_total{provider="hooks",outcome="accepted"} 1',
    'webhooks_total{provider="hooks",outcome="duplicate"} 1',
    'webhook_rejections_total{provider="hooks",reason="wrong_signature"} 1',
    'webhook_rejections_total{provider="unknown",reason="not_found"} 1',
    'webhook_duration_seconds_count{outcome="accepted"} 1',
    'webhook_duration_seconds_count{outcome="rejected"} 2',
    'http_requests_total{route="/webhooks/:id",method="POST",status="401"} 1',
    'http_requests_total{route="other",method="GET",status="404"} 1',
    'connects_total{provider="acme",result="state_unknown"} 1',
    'connects_total{provider="unknown",result="unknown_provider"} 1',
    'token_requests_total{provider="acme",result="given"} 1',
    'token_requests_total{provider="unknown",result="integration_not_found"} 1',
    'event_streams 1',
    'postgres_up 1',
    'build_info{version="0.1.0",process="gateway"} 1',
    'deliveries_pending{kind="due"} 1',
  ])
    expect(text).toContain(`holdfast_${line}`);

  for (const secret of [hooks.id, acme.id, user, 'int_', '127.0.0.1', 'the-type', 'nobody', token])
    expect(text).not.toContain(secret);
});

test('it is for a process of the same machine that says so itself, and for who has the token; to others there is nothing', async () => {
  const unknown = await read(`${system.url}/metricz`, { via: '1.1 proxy' });
  const strip = (body: string) => body.replace(/"requestId":"[^"]*"/, '');
  const forwarded = { 'x-forwarded-for': '192.0.2.1' };
  for (const headers of [forwarded, { ...forwarded, authorization: 'Bearer another' }]) {
    const answer = await read(`${system.url}/metrics`, headers);
    expect(answer.status).toBe(404);
    expect(strip(await answer.text())).toBe(strip(await unknown.clone().text()));
  }
  for (const headers of [{}, { ...forwarded, authorization: `Bearer ${token}` }]) {
    const answer = await read(`${system.url}/metrics`, headers);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  }
});

test('a scrape asks the database nothing', async () => {
  const query = jest.spyOn(pg.Client.prototype, 'query');
  try {
    const scrapes = 200;
    for (let n = 0; n < scrapes; n++) await scrape();
    // The gauges are read meanwhile, by a connection of their own, and the gateway's own work goes on.
    const askers = query.mock.contexts.filter((client) => {
      const { connectionParameters } = client as unknown as {
        connectionParameters: { application_name: string };
      };
      return connectionParameters.application_name !== 'holdfast snapshot';
    });
    expect(askers.length).toBeLessThan(scrapes / 4);
  } finally {
    query.mockRestore();
  }
});

test('on a port of its own it is there for the same, without a token for everybody, and nowhere else; two gateways show the gauges once; off, nothing is there', async () => {
  const metricsPort = await freePort();
  const second = await another({ metricsPort });
  const openPort = await freePort();
  const open = await another({ metricsPort: openPort, metricsToken: undefined });
  const own = `http://127.0.0.1:${metricsPort}`;
  const offPort = await freePort();
  const off = await another({ metrics: false, metricsPort: offPort });
  try {
    expect((await read(`${second.url}/metrics`)).status).toBe(404);
    const via = { via: '1.1 proxy' };
    expect((await read(`${own}/metrics`)).status).toBe(200);
    expect((await read(`${own}/metrics`, via)).status).toBe(404);
    const bearer = { ...via, authorization: `Bearer ${token}` };
    expect((await read(`${own}/metrics`, bearer)).status).toBe(200);
    expect((await read(`http://127.0.0.1:${openPort}/metrics`, via)).status).toBe(200);
    expect((await read(`${own}/healthz`)).status).toBe(404);
    expect((await read(`${off.url}/metrics`)).status).toBe(404);
    expect((await read(`${off.url}/metrics`, { authorization: `Bearer ${token}` })).status).toBe(
      404,
    );
    await expect(read(`http://127.0.0.1:${offPort}/metrics`)).rejects.toThrow('fetch failed');
    expect(await scrape()).toMatch(/^holdfast_snapshot_timestamp_seconds \d/m);
    const shown = metricsOf(await scrape(own));
    expect(shown.get('holdfast_snapshot_timestamp_seconds')?.samples).toEqual([]);
    expect(shown.get('holdfast_deliveries_pending')?.samples).toEqual([]);
  } finally {
    await Promise.all([second.close(), open.close(), off.close()]);
  }
});
