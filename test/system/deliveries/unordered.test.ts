import type { ServerResponse } from 'node:http';
import { eventually } from '../../support/eventually';
import {
  type IntegrationBody,
  type Scene,
  startScene,
  type WebhookAnswer,
} from '../../support/scenes/scene';
import { patiently, receivedOf, sendAll, showDelivery, untilState } from './handled-deliveries';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close(), 60_000);

/** Deliveries that are with the destination now, and the most there ever were. */
let open = 0;
let most = 0;
const hanging: ServerResponse[] = [];
beforeEach(() => {
  [open, most] = [0, 0];
  hanging.splice(0).forEach((answer) => answer.destroy());
  scene.destination.answer((_request, answer) => void answer.writeHead(204).end());
});

type Reply = (answer: ServerResponse) => void;

/** Says what becomes of an integration's deliveries; what an earlier test has left over is taken. */
const answerOf = ({ id }: IntegrationBody, reply: Reply): void =>
  scene.destination.answer(({ headers }, answer) => {
    if (headers['holdfast-integration'] === id) reply(answer);
    else answer.writeHead(204).end();
  });

const hang: Reply = (answer) => void hanging.push(answer);

/** Takes a delivery after a while, and counts how many are there meanwhile. */
const takeAfter =
  (ms: number): Reply =>
  (answer) => {
    open++;
    most = Math.max(most, open);
    answer.once('close', () => open--);
    setTimeout(() => answer.writeHead(204).end(), ms);
  };

/** Keeps webhooks until it is enabled, so that all of them are there when the drain starts. */
async function prepared(handling: object, count: number) {
  const integration = await scene.connect({ fields: { handling, whenDisabled: 'keep' } });
  await scene.system.api('POST', `/v1/integrations/${integration.id}/disable`, {});
  const sent = await sendAll(scene, integration, count);
  const enable = () => scene.system.api('POST', `/v1/integrations/${integration.id}/enable`, {});
  return { integration, sent, enable };
}

const untilHandled = (integration: IntegrationBody, handled: number) =>
  eventually(
    async () =>
      expect((await scene.show(integration.id)).inbox).toMatchObject({ handled, pending: 0 }),
    patiently,
  );

const once = (integration: IntegrationBody, sent: readonly WebhookAnswer[]) => {
  const ids = receivedOf(scene, integration).map(({ id }) => id);
  expect([...ids].sort()).toEqual(sent.map(({ id }) => id).sort());
};

describe('handling without order', () => {
  test('as many at once as was said and never more, each once', async () => {
    const { integration, sent, enable } = await prepared({ order: 'none', concurrency: 3 }, 30);
    answerOf(integration, takeAfter(50));
    await enable();
    await untilHandled(integration, 30);
    expect(most).toBe(3);
    once(integration, sent);
  }, 90_000);

  test('the strict order stays one at a time, whatever concurrency it has', async () => {
    const { integration, sent, enable } = await prepared({ concurrency: 20 }, 15);
    answerOf(integration, takeAfter(20));
    await enable();
    await untilHandled(integration, 15);
    expect(most).toBe(1);
    expect(receivedOf(scene, integration).map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
  }, 90_000);

  test('S24 one that fails waits for its time while the others go on, also what arrives meanwhile; then it is tried again', async () => {
    const integration = await scene.connect({ fields: { handling: { order: 'none' } } });
    let poison: string | undefined;
    let failures = 0;
    scene.destination.answer(({ id }, answer) => {
      poison ??= id;
      const fails = id === poison && failures++ === 0;
      answer.writeHead(fails ? 503 : 204, fails ? { 'retry-after': '12' } : {}).end();
    });
    const first = await scene.webhook(integration);
    await eventually(() => expect(failures).toBe(1), patiently);
    const others = await sendAll(scene, integration, 5);
    for (const { id } of others) await untilState(scene, id, 'handled');
    expect(await showDelivery(scene, first.id)).toMatchObject({ state: 'pending' });
    const { attempts } = await untilState(scene, first.id, 'handled');
    expect(attempts.map(({ status }) => status)).toEqual([503, 204]);
  }, 90_000);

  test('one whose destination hangs keeps the others from nothing', async () => {
    const { integration, sent, enable } = await prepared({ order: 'none', concurrency: 2 }, 12);
    scene.destination.answer(({ id }, answer) => {
      if (id === sent[0]?.id) hanging.push(answer);
      else answer.writeHead(204).end();
    });
    await enable();
    for (const { id } of sent.slice(1)) await untilState(scene, id, 'handled');
    expect(await showDelivery(scene, sent[0]?.id ?? '')).toMatchObject({ state: 'pending' });
    // What arrives while it hangs is handled beside it.
    const late = await scene.webhook(integration);
    await untilState(scene, late.id, 'handled');
    expect((await showDelivery(scene, sent[0]?.id ?? '')).attempts).toEqual([]);
  }, 90_000);

  test('S27 a dead credential stops all of them; after the reconnect each is handled', async () => {
    const { integration, sent, enable } = await prepared({ order: 'none', concurrency: 4 }, 20);
    scene.destination.answer((request, answer) => {
      if (receivedOf(scene, integration).length === 6) scene.provider.revokeAll();
      const dead = receivedOf(scene, integration).length >= 6;
      const refused = dead && request.headers['holdfast-credential-version'] === '1';
      answer.writeHead(refused ? 424 : 204).end();
    });
    await enable();
    await scene.until(integration.id, 'ERROR');
    const { inbox } = await scene.show(integration.id);
    expect(inbox.failed).toBe(0);
    expect(inbox.pending).toBeGreaterThanOrEqual(11);
    // Five were taken; of the others no more were sent than were in hand.
    expect(receivedOf(scene, integration).length).toBeLessThanOrEqual(10);
    const path = `/v1/integrations/${integration.id}/credentials/main`;
    await scene.system.api('PUT', path, scene.provider.grant());
    await untilHandled(integration, 20);
    const ids = new Set(receivedOf(scene, integration).map(({ id }) => id));
    expect(ids).toEqual(new Set(sent.map(({ id }) => id)));
  }, 90_000);

  test('S28 a hold lets those in hand finish and starts no other one; after it all are handled once', async () => {
    const { integration, sent, enable } = await prepared({ order: 'none', concurrency: 4 }, 12);
    answerOf(integration, hang);
    await enable();
    await eventually(() => expect(hanging).toHaveLength(4), patiently);
    await scene.system.api('PUT', '/v1/hold', { reason: 'maintenance' });
    scene.destination.answer((_request, answer) => void answer.writeHead(204).end());
    hanging.splice(0).forEach((answer) => answer.writeHead(204).end());
    await eventually(
      async () => expect((await scene.show(integration.id)).inbox).toMatchObject({ handled: 4 }),
      patiently,
    );
    expect(receivedOf(scene, integration)).toHaveLength(4);
    await scene.system.api('DELETE', '/v1/hold');
    await untilHandled(integration, 12);
    once(integration, sent);
  }, 90_000);

  test('a change to the strict order holds from the next delivery on', async () => {
    const { integration, sent, enable } = await prepared({ order: 'none', concurrency: 4 }, 12);
    answerOf(integration, hang);
    await enable();
    await eventually(() => expect(hanging).toHaveLength(4), patiently);
    const path = `/v1/integrations/${integration.id}`;
    await scene.system.api('PATCH', path, { handling: { order: 'strict' } });
    answerOf(integration, takeAfter(20));
    hanging.splice(0).forEach((answer) => answer.writeHead(204).end());
    await untilHandled(integration, 12);
    expect(most).toBe(1);
    expect(
      receivedOf(scene, integration)
        .slice(4)
        .map(({ id }) => id),
    ).toEqual(sent.slice(4).map(({ id }) => id));
  }, 90_000);
});
