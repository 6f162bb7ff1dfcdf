import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from '../../support/eventually';
import { apiKey, type GatewayFixture, gatewayFixture } from '../gateway-fixture';

let gateway: GatewayFixture;
let port: number;
let agent: Agent;
beforeEach(async () => {
  gateway = await gatewayFixture();
  port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port);
  agent = new Agent({ keepAlive: true });
});
afterEach(async () => {
  agent.destroy();
  await gateway.close();
});

interface Answered {
  status: number | undefined;
  body: string;
  connection: string | undefined;
}

/** On a connection that the client keeps. */
const ask = (path: string) =>
  new Promise<Answered>((resolve, reject) => {
    const headers = { authorization: `Bearer ${apiKey}` };
    get({ host: '127.0.0.1', port, path, agent, headers }, (answer) => {
      const { statusCode: status } = answer;
      const { connection } = answer.headers;
      text(answer).then((body) => resolve({ status, body, connection }), reject);
    }).on('error', reject);
  });

async function closeWithin(ms: number): Promise<void> {
  const started = Date.now();
  await gateway.app.close();
  expect(Date.now() - started).toBeLessThan(ms);
}

test('closing does not wait for the kept connections of requests that were under way, and answers them', async () => {
  const blocker = await gateway.pool.connect();
  try {
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE integrations');
    const answers = Promise.all(Array.from({ length: 5 }, () => ask('/v1/integrations')));
    await eventually(async () => {
      const { rowCount } = await gateway.pool.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'relation'",
      );
      expect(rowCount).toBe(5);
    });
    const closed = closeWithin(2_000);
    await blocker.query('COMMIT');
    expect(await answers).toEqual(
      Array.from({ length: 5 }, () => ({
        status: 200,
        body: '{"items":[],"nextCursor":null}',
        connection: 'close',
      })),
    );
    await closed;
  } finally {
    blocker.release();
  }
});

test('closing under load takes no longer, and what is answered is answered whole', async () => {
  const statuses = new Set<number | undefined>();
  let going = true;
  const client = async () => {
    while (going) {
      const answer = await ask('/v1/integrations').catch(() => undefined);
      // From here on there is nobody who listens.
      if (answer === undefined) return;
      statuses.add(answer.status);
      JSON.parse(answer.body);
    }
  };
  const clients = Array.from({ length: 20 }, client);
  await eventually(() => expect(statuses).toContain(200));
  await closeWithin(2_000);
  going = false;
  await Promise.all(clients);
  expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
});

test('closing does not wait for a connection that has sent nothing yet', async () => {
  const socket = connect(port, '127.0.0.1');
  try {
    await eventually(async () => {
      const count = await new Promise<number>((resolve) => {
        gateway.app.server.getConnections((_error, number) => resolve(number));
      });
      expect(count).toBe(1);
    });
    await closeWithin(2_000);
  } finally {
    socket.destroy();
  }
});
