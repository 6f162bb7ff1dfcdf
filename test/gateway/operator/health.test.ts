import pg from 'pg';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { eventually } from '../../support/eventually';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';

async function withGateway(
  options: Parameters<typeof gatewayFixture>[0],
  work: (gateway: GatewayFixture) => Promise<void>,
): Promise<void> {
  const gateway = await gatewayFixture(options);
  try {
    await work(gateway);
  } finally {
    await gateway.close();
  }
}

/** A server that takes connections and never says a word. */
async function silentServer() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const unavailable = {
  status: 503,
  body: {
    error: { code: 'database_unavailable', message: expect.stringMatching(/\.$/) as unknown },
  },
  headers: { 'retry-after': '2' },
};

test('with everything there it is ready', () =>
  withGateway({}, async ({ call }) => {
    expect(await call('GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    // It is asked meanwhile.
    await eventually(async () => {
      const ready = await call('GET', '/readyz');
      expect(ready).toMatchObject({ status: 200, body: { postgres: 'ok', temporal: 'ok' } });
    });
  }));

test('a Temporal that takes the connection and never answers keeps nobody waiting', async () => {
  const silent = await silentServer();
  try {
    await withGateway({ temporalAddress: `127.0.0.1:${silent.port}` }, async ({ call }) => {
      const took: number[] = [];
      for (let round = 0; round < 5; round++) {
        const began = performance.now();
        const ready = await call('GET', '/readyz');
        took.push(performance.now() - began);
        const body = { postgres: 'ok', temporal: 'unavailable' };
        expect(ready).toMatchObject({ status: 200, body });
      }
      // The first connects to Postgres; a busy machine may hold one or the other up.
      expect(Math.min(...took)).toBeLessThan(50);
    });
  } finally {
    await silent.close();
  }
});

test('S19 a Postgres that takes no writes is not ready', () =>
  withGateway({}, async ({ call, database }) => {
    const name = new URL(database.url).pathname.slice(1);
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    try {
      await admin.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
      expect(await call('GET', '/readyz')).toMatchObject(unavailable);
      expect((await call('GET', '/readyz')).body.error.message).toContain('takes no writes');
      expect((await call('GET', '/healthz')).status).toBe(200);
    } finally {
      await admin.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
      await admin.end();
    }
  }));

test('S19 without Temporal it is ready all the same, and says so', () =>
  withGateway({ temporal: 'away' }, async ({ call }) => {
    const ready = await call('GET', '/readyz');
    expect(ready).toMatchObject({ status: 200, body: { postgres: 'ok', temporal: 'unavailable' } });
  }));

test(
  'without Temporal integrations are made all the same; a switch says that it can not be thrown',
  () =>
    withGateway({ temporal: 'away' }, async ({ call, create, logged }) => {
      const started = Date.now();
      const { id } = await create();
      expect(Date.now() - started).toBeLessThan(3_000);
      expect((await call('GET', `/v1/integrations/${id}`)).status).toBe(200);
      const switched = await call('POST', `/v1/integrations/${id}/disable`, { reason: 'x' });
      expect(switched).toMatchObject({
        status: 503,
        body: { error: { code: 'temporal_unavailable' } },
        headers: { 'retry-after': '5' },
      });
      expect((await call('DELETE', `/v1/integrations/${id}`)).status).toBe(204);
      const errors = () => logged.filter((line) => line.includes('"level":"error"'));
      await eventually(() => expect(errors()).not.toEqual([]));
      expect(errors().map((line) => JSON.parse(line) as object)).toMatchObject([
        { event: 'temporal.unreachable' },
      ]);
    }),
  90_000,
);

test('without Temporal a token that lives is given out, and one that has ended is 503 in time', () =>
  withGateway({ temporal: 'away' }, async ({ call, create }) => {
    const ask = async (expiresInMs: number) => {
      const expiresAt = new Date(Date.now() + expiresInMs).toISOString();
      const main = { accessToken: 'an-access', refreshToken: 'a-refresh', expiresAt };
      const { id } = await create({ credentials: { main } });
      const started = Date.now();
      const answer = await call('GET', `/v1/integrations/${id}/token`);
      expect(Date.now() - started).toBeLessThan(5_500);
      return { id, answer };
    };
    expect((await ask(30_000)).answer.status).toBe(200);
    const ended = await ask(-1_000);
    const unavailable = {
      status: 503,
      body: { error: { code: 'refresh_unavailable' } },
      headers: { 'retry-after': '5' },
    };
    expect(ended.answer).toMatchObject(unavailable);
    const path = `/v1/integrations/${ended.id}/token/reject`;
    const started = Date.now();
    expect(await call('POST', path, { version: 1 })).toMatchObject(unavailable);
    expect(Date.now() - started).toBeLessThan(5_500);
  }));

test('S19 without Postgres it is up and not ready, and every route answers 503 with Retry-After', () =>
  withGateway({ postgres: '127.0.0.1:1' }, async ({ call, logged }) => {
    expect((await call('GET', '/healthz')).status).toBe(200);
    expect(await call('GET', '/readyz')).toMatchObject(unavailable);
    const body = { userId: 'u', name: 'n', provider: 'acme', handler: 'sync' };
    expect(await call('POST', '/v1/integrations', body)).toMatchObject(unavailable);
    const keyed = await call('POST', '/v1/integrations', body, { 'idempotency-key': 'k' });
    expect(keyed).toMatchObject(unavailable);
    for (const [method, url] of [
      ['GET', '/v1/integrations'],
      ['GET', '/v1/integrations/int_1'],
      ['DELETE', '/v1/integrations/int_1'],
      ['GET', '/v1/deliveries/dlv_1'],
    ] as const) {
      expect(await call(method, url)).toMatchObject(unavailable);
    }
    expect(logged.join('')).not.toContain('"level":"error"');
  }));

test('a Postgres that takes the connection and never answers is found out in time', async () => {
  const silent = await silentServer();
  try {
    await withGateway({ postgres: `127.0.0.1:${silent.port}` }, async ({ call }) => {
      const started = Date.now();
      expect(await call('GET', '/readyz')).toMatchObject(unavailable);
      expect(Date.now() - started).toBeLessThan(6_000);
      expect(await call('GET', '/v1/integrations')).toMatchObject(unavailable);
    });
  } finally {
    await silent.close();
  }
});

test('a lost connection is 503, and the next request finds another one', () =>
  withGateway({}, async ({ call, pool }) => {
    const other = await pool.connect();
    try {
      // Every session but this one, as a restart of Postgres would.
      const kill = () =>
        other.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        );
      await call('GET', '/v1/integrations');
      await other.query('BEGIN');
      await other.query('LOCK TABLE integrations');
      const waiting = call('GET', '/v1/integrations');
      await eventually(async () => {
        // Not on the other one: within a transaction these statistics stand still.
        const { rowCount } = await pool.query(
          `SELECT FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event = 'relation'`,
        );
        expect(rowCount).toBe(1);
      });
      await kill();
      expect(await waiting).toMatchObject(unavailable);
      await other.query('COMMIT');
      // The idle one was ended too; on a busy machine that is heard later.
      await eventually(() => expect(pool.totalCount).toBe(1));
      expect((await call('GET', '/v1/integrations')).status).toBe(200);
    } finally {
      other.release();
    }
  }));
