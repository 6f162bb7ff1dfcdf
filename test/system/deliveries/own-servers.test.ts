import { ownServers } from '../../../src/config/own-servers';
import { eventually } from '../../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { portsVariable } from '../../support/servers/temporal';

interface DeliveryBody {
  state: string;
  attempts: { error: string | null; answer: string | null }[];
}

const ports = (process.env[portsVariable] ?? '').split(',').map(Number);
const scenes: Scene[] = [];
afterAll(async () => {
  for (const scene of scenes) await scene.close();
});

/** Where Temporal's HTTP API is: the dev server chose the port. */
async function temporalHttp(): Promise<string> {
  for (const port of ports) {
    const url = `http://127.0.0.1:${port}`;
    const answer = await fetch(`${url}/api/v1/system-info`).catch(() => null);
    if (answer?.ok === true) return url;
  }
  throw new Error('Temporal has no HTTP API');
}

/** A tenant has a webhook of their own forwarded to Temporal, as a signal that another's credential is dead. */
async function attack(scene: Scene): Promise<{ victim: IntegrationBody; delivery: DeliveryBody }> {
  const { system } = scene;
  const victim = await scene.connect({ userId: 'victim' });
  const { temporalNamespace = 'default' } = system.config;
  const workflow = encodeURIComponent(`integration:${victim.id}`);
  const url = `${await temporalHttp()}/api/v1/namespaces/${temporalNamespace}/workflows/${workflow}/signal/credentialInvalidated`;
  const mine = await scene.connect({ userId: 'mallory', name: 'mine' });
  // As a row that was stored before such an address was refused, or by a name that led elsewhere then.
  await system.pool.query('UPDATE integrations SET destination_url = $2 WHERE id = $1', [
    mine.id,
    url,
  ]);
  const [credential] = victim.credentials;
  const news = {
    credentialId: credential?.id,
    version: credential?.version,
    code: 'invalid_grant',
  };
  const { id } = await scene.webhook(mine, { body: JSON.stringify({ input: [news] }) });
  const delivery = await eventually(async () => {
    const { body } = await system.api<DeliveryBody>('GET', `/v1/deliveries/${id}`);
    if (body.attempts.length === 0) throw new Error('not attempted yet');
    return body;
  });
  return { victim, delivery };
}

test('without the guard the signal arrives: what the other test refuses is a real attack', async () => {
  const scene = await startScene();
  scenes.push(scene);
  const { victim, delivery } = await attack(scene);
  expect(delivery.state).toBe('handled');
  expect(await scene.until(victim.id, 'ERROR')).toMatchObject({
    reason: { code: 'invalid_grant' },
  });
});

test("a forward can not signal another's actor: Temporal is never connected to", async () => {
  const scene = await startScene({
    config: {
      ownServers: ownServers({
        ...{ databaseUrl: undefined, temporalAddress: undefined, temporalPorts: ports },
      }),
    },
  });
  scenes.push(scene);
  const { victim, delivery } = await attack(scene);
  expect(delivery).toMatchObject({
    state: 'failed',
    attempts: [
      {
        error:
          'The destination could not be reached: address_refused; "127.0.0.1" leads to Postgres or Temporal of Holdfast itself, which nothing else connects to',
        answer: null,
      },
    ],
  });
  expect(await scene.show(victim.id)).toMatchObject({
    status: 'ENABLED',
    transition: victim.transition,
  });
  const destination = { url: `${await temporalHttp()}/api/v1/namespaces` };
  const created = await scene.system.api('POST', '/v1/integrations', {
    ...{ userId: 'mallory', name: 'again', provider: 'acme', destination },
  });
  expect(created.status).toBe(400);
});
