import pg from 'pg';
import type { ConnectorStatus, PersonStatus } from '../../../src/live/person-status';
import { eventually } from '../../support/eventually';
import { type EventReader, readEvents } from '../../support/event-reader';
import { type Scene, startScene } from '../../support/scenes/scene';

let scene: Scene;
const open: EventReader[] = [];
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterEach(() => {
  for (const reader of open.splice(0)) reader.close();
});
afterAll(() => scene.close());

async function bearerOf(userId: string): Promise<Record<string, string>> {
  const { body } = await scene.system.api<{ token: string }>('POST', '/v1/sessions', { userId });
  return { authorization: `Bearer ${body.token}` };
}

async function follow(userId: string): Promise<EventReader> {
  const url = `${scene.system.url}/api/users/${userId}/events`;
  const reader = await readEvents(url, await bearerOf(userId));
  open.push(reader);
  return reader;
}

interface Answer {
  status: number;
  body: ConnectorStatus & { error?: { code: string; message: string } };
}

async function ask(
  userId: string,
  method: 'POST' | 'DELETE',
  path: string,
  body?: object,
  headers?: Record<string, string>,
): Promise<Answer> {
  const answer = await fetch(`${scene.system.url}/api/users/${userId}/connectors/${path}`, {
    method,
    headers: {
      ...(headers ?? (await bearerOf(userId))),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: JSON.parse(text === '' ? '{}' : text) as Answer['body'] };
}

test('a person switches a connection off and on, and sees it at once', async () => {
  const { id } = await scene.connect({ userId: 'ada', name: 'contacts' });
  const reader = await follow('ada');
  const off = await ask('ada', 'POST', 'contacts/disable', { reason: 'not now' });
  expect(off).toMatchObject({ status: 200, body: { status: 'disabled', errorCode: null } });
  expect(await scene.show(id)).toMatchObject({
    status: 'DISABLED',
    reason: {
      code: 'switched_off',
      by: 'user',
      message: expect.stringContaining('not now') as string,
    },
  });
  await reader.until<PersonStatus>(({ connectors }) =>
    expect(connectors['contacts']).toEqual(off.body),
  );
  expect(await ask('ada', 'POST', 'contacts/enable')).toMatchObject({
    status: 200,
    body: { status: 'connected', label: 'Acme' },
  });
  await reader.until<PersonStatus>(({ connectors }) =>
    expect(connectors['contacts']?.status).toBe('connected'),
  );
});

test('a broken connection is told at once, is not switched on, and says in words what helps', async () => {
  const integration = await scene.connect({ userId: 'bob', name: 'contacts' });
  const reader = await follow('bob');
  const [credential] = integration.credentials;
  await scene.system.temporal.workflow
    .getHandle(`integration:${integration.id}`)
    .signal('credentialInvalidated', { credentialId: credential?.id, version: 1 });
  await reader.until<PersonStatus>(({ anyNeedsReauth, connectors }) => {
    expect(anyNeedsReauth).toBe(true);
    expect(connectors['contacts']).toMatchObject({
      status: 'needs_reauth',
      errorCode: 'invalidated',
      reconnectUrl: `${scene.system.config.publicUrl}/reconnect/${integration.id}`,
    });
  });
  const { status, body } = await ask('bob', 'POST', 'contacts/enable');
  expect({ status, code: body.error?.code }).toEqual({ status: 409, code: 'credential_dead' });
  expect(body.error?.message).toMatch(/^Acme has to be connected again/);
  expect((await scene.webhook(integration)).outcome).toBe('parked');
  await reader.until<PersonStatus>(
    ({ connectors }) => expect(connectors['contacts']?.pending).toBe(1),
    20_000,
  );
});

test('a person disconnects, and it is gone for good', async () => {
  const { id } = await scene.connect({ userId: 'cleo', name: 'contacts' });
  await scene.connect({ userId: 'cleo', name: 'calendar' });
  const reader = await follow('cleo');
  expect(await ask('cleo', 'DELETE', 'contacts')).toEqual({ status: 204, body: {} });
  await reader.until<PersonStatus>(({ connectors }) =>
    expect(Object.keys(connectors)).toEqual(['calendar']),
  );
  expect((await scene.system.api('GET', `/v1/integrations/${id}`)).status).toBe(404);
  for (const [method, path] of [
    ['DELETE', 'contacts'],
    ['POST', 'contacts/enable'],
    ['POST', 'constructor/disable'],
  ] as const) {
    expect(await ask('cleo', method, path)).toMatchObject({
      status: 404,
      body: { error: { code: 'integration_not_found' } },
    });
  }
});

test("nobody touches another person's connections, by whatever name", async () => {
  await scene.connect({ userId: 'dan', name: 'contacts' });
  const eve = await bearerOf('eve');
  for (const [headers, status] of [
    [eve, 403],
    [{}, 401],
  ] as const) {
    expect((await ask('dan', 'POST', 'contacts/disable', {}, headers)).status).toBe(status);
    expect((await ask('dan', 'DELETE', 'contacts', undefined, headers)).status).toBe(status);
  }
  expect((await ask('dan', 'POST', '%20x/disable')).status).toBe(400);
  expect((await ask('dan', 'POST', 'contacts/disable', { by: 'operator' })).status).toBe(400);
  expect((await ask('dan', 'POST', 'contacts/disable', { reason: 'a\0b' })).status).toBe(400);
});

test('webhooks that are accepted and handled notify nobody', async () => {
  const integration = await scene.connect({ userId: 'fay', name: 'contacts' });
  const listener = new pg.Client({ connectionString: scene.system.config.databaseUrl });
  await listener.connect();
  const heard: string[] = [];
  listener.on('notification', ({ payload }) => heard.push(payload ?? ''));
  await listener.query('LISTEN holdfast_live');
  try {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => scene.webhook(integration)),
    );
    expect(answers.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    await eventually(
      async () => expect((await scene.show(integration.id)).inbox.handled).toBe(100),
      { timeoutMs: 60_000 },
    );
    await ask('fay', 'POST', 'contacts/disable');
    // In the order of their commits: nothing of a webhook's can come later.
    await eventually(() => expect(heard).not.toEqual([]));
    expect(heard).toEqual(['status:fay']);
  } finally {
    await listener.end();
  }
}, 90_000);
