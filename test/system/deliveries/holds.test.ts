import { eventually } from '../../support/eventually';
import {
  type IntegrationBody,
  type Scene,
  startScene,
  type WebhookAnswer,
} from '../../support/scenes/scene';
import { untilQuiet } from '../../support/until-quiet';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterEach(async () => {
  scene.destination.answer((_request, answer) => void answer.writeHead(204).end());
  await scene.system.pool.query('DELETE FROM holds');
});
afterAll(() => scene.close());

const patient = { timeoutMs: 150_000, everyMs: 100 };
const of = ({ id }: IntegrationBody) =>
  scene.destination.received.filter(({ headers }) => headers['holdfast-integration'] === id);
const idsOf = (integration: IntegrationBody) => of(integration).map(({ id }) => id);
const actorOf = ({ id }: IntegrationBody) =>
  scene.system.temporal.workflow.getHandle(`integration:${id}`);

const operator = {
  by: 'operator',
  hold: () => scene.system.api('PUT', '/v1/hold', { reason: 'maintenance' }),
  lift: () => scene.system.api('DELETE', '/v1/hold'),
};
const user = (userId: string) => ({
  by: 'user',
  hold: () =>
    scene.system.api('PUT', `/api/users/${userId}/pause`, { paused: true, reason: 'a holiday' }),
  lift: () => scene.system.api('PUT', `/api/users/${userId}/pause`, { paused: false }),
});

async function sendAll(integration: IntegrationBody, count: number): Promise<WebhookAnswer[]> {
  const sent: WebhookAnswer[] = [];
  for (let index = 0; index < count; index++) sent.push(await scene.webhook(integration));
  return sent;
}

const inboxOf = async ({ id }: IntegrationBody) => (await scene.show(id)).inbox;

const untilHandled = (integration: IntegrationBody, handled: number) =>
  eventually(
    async () => expect(await inboxOf(integration)).toMatchObject({ handled, pending: 0 }),
    patient,
  );

describe.each(['operator', 'user'])("the %s's hold", (who) => {
  const switches = () => (who === 'operator' ? operator : user('ada'));

  test('S28 in the middle of a drain: the delivery in hand finishes, the next is not started; a lift resumes in order', async () => {
    const integration = await scene.connect({ userId: 'ada' });
    await switches().hold();
    const sent = await sendAll(integration, 10);
    expect(sent.map(({ status, outcome }) => [status, outcome])).toEqual(
      sent.map(() => [202, 'parked']),
    );
    let held: Promise<unknown> | undefined;
    scene.destination.answer((_request, answer) => {
      const end = () => answer.writeHead(204).end();
      if (of(integration).length === 3) held = switches().hold().finally(end);
      else end();
    });
    await switches().lift();
    await eventually(() => expect(held).toBeDefined(), patient);
    await held;
    await eventually(
      async () => expect(await inboxOf(integration)).toMatchObject({ handled: 3 }),
      patient,
    );
    await untilQuiet(actorOf(integration));
    expect(of(integration)).toHaveLength(3);
    expect(await scene.show(integration.id)).toMatchObject({
      status: 'ENABLED',
      inbox: { handled: 3, pending: 7, failed: 0 },
      hold: { by: who, reason: who === 'operator' ? 'maintenance' : 'a holiday' },
    });
    sent.push(...(await sendAll(integration, 2)));
    expect(sent.at(-1)?.outcome).toBe('parked');

    await switches().lift();
    await untilHandled(integration, 12);
    expect(idsOf(integration)).toEqual(sent.map(({ id }) => id));
    expect(await scene.show(integration.id)).toMatchObject({ hold: null });
  }, 400_000);
});

test('S49 with both, what is kept is counted, and only the lift of the second handles it', async () => {
  const integration = await scene.connect({ userId: 'bea' });
  const other = await scene.connect({ userId: 'cy' });
  const bea = user('bea');
  await bea.hold();
  const sent = await sendAll(integration, 3);
  // Nobody else is held.
  expect(await scene.webhook(other)).toMatchObject({ outcome: 'accepted' });
  await untilHandled(other, 1);
  await operator.hold();
  expect(await scene.webhook(other)).toMatchObject({ status: 202, outcome: 'parked' });
  sent.push(await scene.webhook(integration));
  expect(await scene.show(integration.id)).toMatchObject({
    hold: { by: 'operator', reason: 'maintenance' },
    inbox: { pending: 4, handled: 0 },
  });

  await operator.lift();
  await untilHandled(other, 2);
  expect(await scene.show(integration.id)).toMatchObject({
    hold: { by: 'user', reason: 'a holiday' },
    inbox: { pending: 4, handled: 0 },
  });
  await operator.hold();
  expect((await bea.lift()).body).toMatchObject({ paused: true, by: 'operator' });
  await untilQuiet(actorOf(integration));
  expect(of(integration)).toEqual([]);

  await operator.lift();
  await untilHandled(integration, 4);
  expect(idsOf(integration)).toEqual(sent.map(({ id }) => id));
}, 400_000);

test("S21 under a hold the status's policy comes first, and a hold keeps what the policy lets in", async () => {
  const fields = [
    { whenError: 'discard' },
    { whenError: 'keep' },
    { whenDisabled: 'discard' },
    { whenDisabled: 'keep' },
  ];
  const [lossy, broken, off, waiting] = await Promise.all(
    fields.map((one) => scene.connect({ userId: 'dan', fields: one })),
  );
  if (!lossy || !broken || !off || !waiting) throw new Error('not connected');
  for (const one of [lossy, broken]) {
    await actorOf(one).signal('credentialInvalidated');
    await scene.until(one.id, 'ERROR');
  }
  for (const { id } of [off, waiting]) {
    await scene.system.api('POST', `/v1/integrations/${id}/disable`, {});
  }
  await operator.hold();
  const outcomes = [];
  for (const one of [lossy, broken, off, waiting]) {
    const { status, outcome } = await scene.webhook(one);
    outcomes.push([status, outcome]);
  }
  expect(outcomes).toEqual([
    [202, 'discarded'],
    [202, 'parked'],
    [202, 'discarded'],
    [202, 'parked'],
  ]);

  // Being ENABLED again is not enough.
  await scene.system.api('POST', `/v1/integrations/${waiting.id}/enable`, {});
  expect(await scene.webhook(waiting)).toMatchObject({ status: 202, outcome: 'parked' });
  await untilQuiet(actorOf(waiting));
  expect(await inboxOf(waiting)).toMatchObject({ pending: 2, handled: 0 });
  await operator.lift();
  await untilHandled(waiting, 2);
  // Nor is the lift.
  expect(await inboxOf(broken)).toMatchObject({ pending: 1, handled: 0 });
  expect([lossy, broken, off].flatMap(of)).toEqual([]);
}, 300_000);

test('S49 a lift over 1,000 kept webhooks of twenty integrations: each is handled once, in order for its own', async () => {
  const integrations: IntegrationBody[] = [];
  while (integrations.length < 20) {
    const userId = `person-${integrations.length % 7}`;
    integrations.push(await scene.connect({ userId }));
  }
  await operator.hold();
  const sent = await Promise.all(integrations.map((one) => sendAll(one, 50)));
  expect(sent.flat().every(({ status, outcome }) => status === 202 && outcome === 'parked')).toBe(
    true,
  );
  expect(integrations.flatMap(of)).toEqual([]);
  // A person's own hold among them goes on.
  await user('person-3').hold();
  await operator.lift();
  const isFree = (index: number) => index % 7 !== 3;
  const all = async (count: number) => {
    const { rows } = await scene.system.pool.query<{ handled: number }>(
      "SELECT count(*)::int AS handled FROM deliveries WHERE state = 'handled' AND integration_id = ANY ($1)",
      [integrations.map(({ id }) => id)],
    );
    expect(rows).toEqual([{ handled: count }]);
  };
  const free = integrations.filter((_one, index) => isFree(index));
  await eventually(() => all(free.length * 50), patient);
  for (const [index, one] of integrations.entries()) {
    expect(idsOf(one)).toEqual(isFree(index) ? sent[index]?.map(({ id }) => id) : []);
  }
  await user('person-3').lift();
  await eventually(() => all(1_000), patient);
  for (const [index, one] of integrations.entries()) {
    expect(idsOf(one)).toEqual(sent[index]?.map(({ id }) => id));
  }
}, 420_000);
