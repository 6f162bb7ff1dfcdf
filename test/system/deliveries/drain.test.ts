import type { ServerResponse } from 'node:http';
import type { Received } from '../../support/doubles/destination';
import { eventually } from '../../support/eventually';
import {
  type IntegrationBody,
  type Scene,
  startScene,
  type WebhookAnswer,
} from '../../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close());
afterEach(() => scene.destination.answer(taken));

const slow = { timeoutMs: 60_000, everyMs: 100 };
const taken = (_request: Received, answer: ServerResponse) => void answer.writeHead(204).end();
const version = ({ headers }: Received) => Number(headers['holdfast-credential-version']);
const of = ({ id }: IntegrationBody) =>
  scene.destination.received.filter(({ headers }) => headers['holdfast-integration'] === id);

const reconnect = (integration: IntegrationBody) =>
  scene.system.api(
    'PUT',
    `/v1/integrations/${integration.id}/credentials/main`,
    scene.provider.grant(),
  );

async function sendAll(integration: IntegrationBody, count: number): Promise<WebhookAnswer[]> {
  const sent: WebhookAnswer[] = [];
  for (let index = 0; index < count; index++) sent.push(await scene.webhook(integration));
  return sent;
}

describe('draining', () => {
  test('S27 a credential that dies in the middle of a drain stops it at that delivery; the reconnect goes on from there', async () => {
    const integration = await scene.connect();
    scene.destination.answer((request, answer) => {
      // The provider refuses the token from the tenth delivery on.
      if (of(integration).length === 10) scene.provider.revokeAll();
      const refused = of(integration).length >= 10 && version(request) === 1;
      answer.writeHead(refused ? 424 : 204).end();
    });
    const sent = await sendAll(integration, 30);
    await scene.until(integration.id, 'ERROR');
    const shown = await scene.show(integration.id);
    expect(shown.inbox).toMatchObject({ handled: 9, pending: 21, failed: 0 });
    await reconnect(integration);
    await eventually(
      async () =>
        expect((await scene.show(integration.id)).inbox).toMatchObject({ handled: 30, pending: 0 }),
      slow,
    );
    const ids = of(integration).map(({ id }) => id);
    expect(ids).toEqual([...sent.slice(0, 10), ...sent.slice(9)].map(({ id }) => id));
    // The delivery that met the dead token has spent no attempt on it.
    const { body } = await scene.system.api<{ attempts: { number: number }[] }>(
      'GET',
      `/v1/deliveries/${sent[9]?.id ?? ''}`,
    );
    expect(body.attempts.map(({ number }) => number)).toEqual([1]);
  }, 90_000);

  test('S27 a credential that is marked dead in the middle of a drain stops it before the next delivery, also where no signal says so', async () => {
    const integration = await scene.connect({ fields: { whenDisabled: 'keep' } });
    const id = integration.credentials[0]?.id;
    const kill = "UPDATE credentials SET state = 'dead', code = 'revoked' WHERE id = $1";
    let killed: Promise<{ rowCount: number | null }> | undefined;
    scene.destination.answer((_request, answer) => {
      const end = () => answer.writeHead(204).end();
      if (of(integration).length !== 3) end();
      else killed = scene.system.pool.query(kill, [id]).finally(end);
    });
    // All of them are there before the drain starts.
    await scene.system.api('POST', `/v1/integrations/${integration.id}/disable`, {});
    const sent = await sendAll(integration, 6);
    await scene.system.api('POST', `/v1/integrations/${integration.id}/enable`, {});
    await eventually(async () => expect(await killed).toMatchObject({ rowCount: 1 }), slow);
    expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
      reason: { code: 'revoked' },
    });
    expect((await scene.show(integration.id)).inbox).toMatchObject({ handled: 3, pending: 3 });
    expect(of(integration).map(({ id }) => id)).toEqual(sent.slice(0, 3).map(({ id }) => id));
  });

  test('S42 1,000 webhooks during ERROR: none handled, none lost; after the reconnect each once, in order', async () => {
    const integration = await scene.connect();
    await scene.system.temporal.workflow
      .getHandle(`integration:${integration.id}`)
      .signal('credentialInvalidated');
    await scene.until(integration.id, 'ERROR');
    const sent: string[] = [];
    for (let batch = 0; batch < 50; batch++) {
      // Twenty at once have no order among them; the batches have.
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => scene.webhook(integration)),
      );
      expect(answers.every(({ status, outcome }) => status === 202 && outcome === 'parked')).toBe(
        true,
      );
      sent.push(...answers.map(({ id }) => id));
    }
    expect((await scene.show(integration.id)).inbox).toMatchObject({ pending: 1000, handled: 0 });
    expect(of(integration)).toEqual([]);
    const calls = scene.provider.tokenCalls();
    await reconnect(integration);
    await eventually(
      async () =>
        expect((await scene.show(integration.id)).inbox).toMatchObject({
          pending: 0,
          handled: 1000,
        }),
      slow,
    );
    expect(scene.provider.tokenCalls()).toBe(calls);
    const ids = of(integration).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1000);
    expect(ids).toHaveLength(1000);
    const batchOf = new Map(sent.map((id, index) => [id, Math.floor(index / 20)]));
    const batches = ids.map((id) => batchOf.get(id) ?? -1);
    expect(batches).toEqual([...batches].sort((a, b) => a - b));
  }, 120_000);

  test('S41 a delivery that waits for a token is handled at once after a reconnect, dead or only degraded', async () => {
    const integration = await scene.connect();
    scene.provider.behave((answer) => answer.writeHead(503, { 'retry-after': '600' }).end());
    scene.destination.answer(
      (request, answer) => void answer.writeHead(version(request) === 1 ? 424 : 204).end(),
    );
    const sent = await scene.webhook(integration);
    const waits = await eventually(async () => {
      const { body } = await scene.system.api<{ nextAttemptAt: string }>(
        'GET',
        `/v1/deliveries/${sent.id}`,
      );
      expect(body.nextAttemptAt).not.toBeNull();
      return Date.parse(body.nextAttemptAt) - Date.now();
    });
    expect(waits).toBeGreaterThan(300_000);
    expect(await scene.show(integration.id)).toMatchObject({
      status: 'ENABLED',
      health: 'degraded',
    });
    await reconnect(integration);
    await eventually(() => expect(of(integration).map(version)).toEqual([1, 2]));
    scene.provider.behave(undefined);
  }, 60_000);

  test('S24 a failing delivery is tried again in its turn, then the queue goes on', async () => {
    const integration = await scene.connect();
    let failures = 0;
    scene.destination.answer((_request, answer) => {
      const fails = failures < 1;
      failures++;
      answer.writeHead(fails ? 500 : 204).end();
    });
    const sent = await sendAll(integration, 3);
    await eventually(
      async () => expect((await scene.show(integration.id)).inbox).toMatchObject({ handled: 3 }),
      slow,
    );
    expect(of(integration).map(({ id }) => id)).toEqual([sent[0], ...sent].map((one) => one?.id));
    const { body } = await scene.system.api<{
      attempts: { status: number; error: string | null }[];
    }>('GET', `/v1/deliveries/${sent[0]?.id ?? ''}`);
    expect(body.attempts).toMatchObject([{ status: 500 }, { status: 204, error: null }]);
  }, 60_000);
});
