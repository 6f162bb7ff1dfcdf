import { createHmac, randomUUID } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { once } from 'node:events';
import { workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { untilQuiet } from '../../support/until-quiet';
import { insertHold } from '../../support/scenes/rows';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
beforeEach(() => takeAll());
afterAll(() => scene.close());

const patience = { timeoutMs: 60_000, everyMs: 50 };

const takeAll = () => scene.destination.answer((_request, answer) => answer.writeHead(204).end());
const refuseAll = () =>
  scene.destination.answer((_request, answer) => answer.writeHead(400).end('no'));

const inboxIs = (id: string, inbox: object) =>
  eventually(async () => expect((await scene.show(id)).inbox).toMatchObject(inbox), patience);

const replay = (path: string, body?: object) =>
  scene.system.api<{ id: string; count: number; error: { code: string } }>(
    'POST',
    `/v1/${path}/replay`,
    body,
  );

/** Dead letters, in the order in which they were received. @returns their ids */
async function deadLetters(integration: IntegrationBody, count: number): Promise<string[]> {
  refuseAll();
  const ids: string[] = [];
  for (let index = 0; index < count; index++) ids.push((await scene.webhook(integration)).id);
  await inboxIs(integration.id, { failed: count, pending: 0 });
  takeAll();
  return ids;
}

const handle = ({ id }: IntegrationBody) =>
  scene.system.temporal.workflow.getHandle(workflowIds.integration(id));

/** Not by fetch, which would change them. */
async function sendRaw(to: IntegrationBody, body: Buffer): Promise<void> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const id = `msg_${randomUUID()}`;
  const key = Buffer.from(to.webhookSecret.replace('whsec_', ''), 'base64');
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const sending = request(`${scene.system.url}/webhooks/${to.id}`, {
    method: 'POST',
    headers: [
      ...[
        'Host',
        new URL(scene.system.url).host,
        'Content-Type',
        'application/x-Odd; charset=latin1',
      ],
      ...['Content-Length', String(body.length), 'Webhook-ID', id, 'webhook-Timestamp', timestamp],
      ...['webhook-signature', `v1,${createHmac('sha256', key).update(signed).digest('base64')}`],
      ...['X-Twice', 'one', 'x-twice', 'two', 'X-Empty', '', 'X-Latin', 'gr\u00fc\u00df'],
    ],
  });
  sending.end(body);
  const [response] = (await once(sending, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  expect(response.statusCode).toBe(202);
}

/** What is Holdfast's own, and different at each attempt. */
const fromSender = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) =>
        !/^(webhook-(signature|timestamp)|holdfast-(attempt|sequence|credential-version))$/.test(
          name,
        ),
    ),
  );

test('S25 one delivery is sent again with the bytes and headers as first received, and its attempts are numbered on', async () => {
  const integration = await scene.connect();
  refuseAll();
  const before = scene.destination.received.length;
  // Neither text nor JSON: NUL, half of a surrogate pair, a byte order mark, a line end of its own.
  const body = Buffer.from([
    0x00, 0xff, 0xfe, 0xed, 0xa0, 0x80, 0xef, 0xbb, 0xbf, 0x0d, 0x0a, 0x22,
  ]);
  await sendRaw(integration, body);
  await inboxIs(integration.id, { failed: 1 });
  takeAll();
  const id = scene.destination.received[before]?.id ?? '';
  const answer = await replay(`deliveries/${id}`);
  expect(answer).toMatchObject({ status: 202, body: { count: 1 } });
  await inboxIs(integration.id, { handled: 1, failed: 0, pending: 0 });

  const [first, second, ...others] = scene.destination.received.slice(before);
  expect(others).toEqual([]);
  expect(first?.body).toEqual(body);
  expect(second?.body).toEqual(body);
  expect(second?.id).toBe(id);
  expect(fromSender(second?.headers ?? {})).toEqual(fromSender(first?.headers ?? {}));
  expect(Object.keys(fromSender(second?.headers ?? {}))).toContain('x-twice');
  expect(second?.sequence).toBeGreaterThan(first?.sequence ?? Infinity);

  const shown = await scene.system.api<{ attempts: unknown[]; state: string }>(
    'GET',
    `/v1/deliveries/${id}`,
  );
  expect(shown.body).toMatchObject({
    state: 'handled',
    error: null,
    attempts: [
      { number: 1, status: 400, answer: 'no' },
      { number: 2, status: 204, error: null },
    ],
  });
});

test('S25 a handled one is handled again; one that fails again has as many attempts as a new one', async () => {
  const integration = await scene.connect();
  const { id } = await scene.webhook(integration);
  await inboxIs(integration.id, { handled: 1 });
  // As it stands after the last of many attempts.
  await scene.system.pool.query('UPDATE deliveries SET attempts = 50 WHERE id = $1', [id]);
  let failures = 0;
  scene.destination.answer((_request, answer) =>
    answer.writeHead(failures++ === 0 ? 503 : 204).end(),
  );
  await replay(`deliveries/${id}`);
  await eventually(() => expect(failures).toBe(2), patience);
  await inboxIs(integration.id, { handled: 1, failed: 0 });
  const { rows } = await scene.system.pool.query(
    'SELECT number, status FROM delivery_attempts WHERE delivery_id = $1 ORDER BY number',
    [id],
  );
  expect(rows).toEqual([
    { number: 1, status: 204 },
    { number: 51, status: 503 },
    { number: 52, status: 204 },
  ]);
});

test('S25 all dead letters are handled in the order in which they were received, after what was waiting', async () => {
  const integration = await scene.connect();
  const failed = await deadLetters(integration, 12);
  const before = scene.destination.received.length;
  // The one in hand is held until the replay has been asked for.
  const held: (() => void)[] = [];
  scene.destination.answer((_request, answer) => {
    const end = () => answer.writeHead(204).end();
    if (scene.destination.received.length === before + 1) held.push(end);
    else end();
  });
  const waiting = [(await scene.webhook(integration)).id, (await scene.webhook(integration)).id];
  await eventually(() => expect(held).toHaveLength(1), patience);
  const { body } = await replay(`integrations/${integration.id}`);
  expect(body.count).toBe(12);
  held.forEach((end) => end());
  await inboxIs(integration.id, { handled: 14, failed: 0, pending: 0 });
  const sent = scene.destination.received.slice(before).map(({ id }) => id);
  expect(sent).toEqual([...waiting, ...failed]);
});

test('S25 in ERROR it waits for the reconnect, and nobody is signalled', async () => {
  const integration = await scene.connect();
  const failed = await deadLetters(integration, 3);
  await handle(integration).signal('credentialInvalidated');
  await scene.until(integration.id, 'ERROR');
  const length = await untilQuiet(handle(integration));
  const before = scene.destination.received.length;
  expect(await replay(`integrations/${integration.id}`)).toMatchObject({
    status: 202,
    body: { count: 3 },
  });
  expect((await scene.show(integration.id)).inbox).toMatchObject({ pending: 3, failed: 0 });
  expect(await untilQuiet(handle(integration))).toBe(length);
  expect(scene.destination.received).toHaveLength(before);
  await scene.system.api(
    'PUT',
    `/v1/integrations/${integration.id}/credentials/main`,
    scene.provider.grant(),
  );
  await inboxIs(integration.id, { handled: 3, pending: 0 });
  expect(scene.destination.received.slice(before).map(({ id }) => id)).toEqual(failed);
});

test('S25 under a hold it waits for the lift', async () => {
  const integration = await scene.connect({ userId: 'held' });
  await deadLetters(integration, 3);
  const { pool } = scene.system;
  await insertHold(pool, { user_id: 'held', reason: 'a pause' });
  const before = scene.destination.received.length;
  expect((await replay(`integrations/${integration.id}`)).body.count).toBe(3);
  await untilQuiet(handle(integration));
  expect((await scene.show(integration.id)).inbox).toMatchObject({ pending: 3 });
  expect(scene.destination.received).toHaveLength(before);
  await pool.query("DELETE FROM holds WHERE user_id = 'held'");
  await handle(integration).signal('holdChanged');
  await inboxIs(integration.id, { handled: 3, pending: 0 });
});

test('S25 in DISABLED it is refused, and works again once it is enabled', async () => {
  const integration = await scene.connect();
  const [first = ''] = await deadLetters(integration, 2);
  await scene.system.api('POST', `/v1/integrations/${integration.id}/disable`, {});
  for (const path of [`deliveries/${first}`, `integrations/${integration.id}`]) {
    expect(await replay(path)).toMatchObject({
      status: 409,
      body: { error: { code: 'integration_disabled' } },
    });
  }
  expect((await scene.show(integration.id)).inbox).toMatchObject({ failed: 2, pending: 0 });
  await scene.system.api('POST', `/v1/integrations/${integration.id}/enable`, {});
  expect((await replay(`integrations/${integration.id}`)).body.count).toBe(2);
  await inboxIs(integration.id, { handled: 2, failed: 0 });
});
