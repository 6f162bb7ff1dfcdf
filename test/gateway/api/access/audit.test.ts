import { readFileSync } from 'node:fs';
import path from 'node:path';
import { auditActions } from '../../../../src/db/queries/audit';
import { bearer } from '../../as-person';
import { type GatewayFixture, gatewayFixture } from '../../gateway-fixture';

let gateway: GatewayFixture;
let key: { id: string; key: string; headers: Record<string, string> };

beforeAll(async () => {
  gateway = await gatewayFixture({ config: { trustedProxies: ['127.0.0.0/8'] } });
  const { body } = await gateway.call('POST', '/v1/keys', {
    ...{ name: 'Nightly sync', scopes: ['manage', 'tokens'] },
  });
  const { id, key: secret } = body as unknown as { id: string; key: string };
  key = { id, key: secret, headers: bearer(secret) };
});
beforeEach(() => gateway.pool.query('DELETE FROM audit'));
afterAll(() => gateway.close());

interface Item {
  id: string;
  at: string;
  actor: { kind: string; name: string };
  action: string;
  subject: string | null;
  sourceAddress: string;
  requestId: string;
}

async function audit(query = ''): Promise<Item[]> {
  const { status, body } = await gateway.call('GET', `/v1/audit${query}`);
  if (status !== 200) throw new Error(body.error.message);
  return body.items as unknown as Item[];
}
const openReplay = (id: string, integrationId: string) =>
  gateway.pool.query('INSERT INTO replays (id, integration_id) VALUES ($1, $2)', [
    id,
    integrationId,
  ]);
const actions = async (query = '') => (await audit(query)).map(({ action }) => action).reverse();

test('who read a token stands there: with key, address, request and time, and whose it was as a hash', async () => {
  const { id } = await gateway.create({ userId: 'ada' });
  await gateway.pool.query('DELETE FROM audit');
  const answer = await gateway.call('GET', `/v1/integrations/${id}/token`, undefined, {
    ...{ ...key.headers, 'x-forwarded-for': '192.0.2.7', 'holdfast-request-id': 'a-request-1' },
  });
  expect(answer.status).toBe(200);
  const [row, ...others] = await audit();
  expect(others).toEqual([]);
  expect(row).toEqual({
    id: expect.stringMatching(/^aud_/) as string,
    at: expect.stringMatching(/^20.*Z$/) as string,
    actor: { kind: 'key', name: 'Nightly sync' },
    action: 'token.read',
    subject: expect.stringMatching(/^integration:[0-9a-f]{16}$/) as string,
    sourceAddress: '192.0.2.7',
    requestId: 'a-request-1',
  });
});

test('without its row no token is given out, and nothing else is done either', async () => {
  const { id } = await gateway.create();
  const { pool } = gateway;
  const url = `/v1/integrations/${id}`;
  await gateway.call('PUT', `${url}/credentials/main`, { accessToken: 'the second' });
  await openReplay('rpl_kept', id);
  await pool.query('ALTER TABLE audit RENAME TO elsewhere');
  try {
    for (const [method, path, body] of [
      ['GET', `${url}/token`, undefined],
      ['POST', `${url}/token/reject`, { version: 1 }],
      ['PUT', `${url}/credentials/main`, { accessToken: 'another' }],
      ['POST', `${url}/credentials/main/invalidated`, {}],
      ['POST', `${url}/enable`, undefined],
      ['POST', `${url}/webhook-secrets`, undefined],
      ['PATCH', url, { destination: { url: 'https://app.example/hook' } }],
      ['PATCH', url, { whenError: 'discard' }],
      ['DELETE', '/v1/replays/rpl_kept', undefined],
      ['DELETE', url, undefined],
      ['DELETE', '/v1/users/user-2', undefined],
      ['PUT', '/v1/hold', { reason: 'x' }],
      ['PUT', '/api/users/user-2/pause', { paused: true }],
      ['POST', '/v1/sessions', { userId: 'user-2' }],
      ['POST', '/v1/keys', { name: 'x', scopes: ['read'] }],
      ['DELETE', `/v1/keys/${key.id}`, undefined],
    ] as const) {
      const answer = await gateway.call(method, path, body);
      expect([method, path, answer.status]).toEqual([method, path, 503]);
      expect(answer.body.error).toMatchObject({ code: 'database_unavailable' });
      expect(answer.body).not.toHaveProperty('accessToken');
    }
  } finally {
    await pool.query('ALTER TABLE elsewhere RENAME TO audit');
  }
  expect(gateway.logged.join()).toContain('The audit could not be stored');
  const { rows } = await pool.query<Record<string, number>>(
    `SELECT (SELECT count(*) FROM integrations WHERE deleted_at IS NULL AND id = $1) AS integrations,
            (SELECT max(version) FROM credentials WHERE state = 'alive') AS version,
            (SELECT count(*) FROM integration_secrets WHERE integration_id = $1) AS secrets,
            (SELECT count(*) FROM integrations WHERE when_error = 'discard') AS changed,
            (SELECT count(*) FROM replays WHERE ended_at IS NULL) AS replays,
            (SELECT count(*) FROM holds) AS holds, (SELECT count(*) FROM sessions) AS sessions,
            (SELECT count(*) FROM api_keys WHERE revoked_at IS NULL) AS keys`,
    [id],
  );
  expect(rows).toEqual([
    {
      ...{ integrations: 1, version: 2, secrets: 1, changed: 0, replays: 1 },
      ...{ holds: 0, sessions: 0, keys: 1 },
    },
  ]);
});

test('the document lists every action, and no other', () => {
  const text = readFileSync(path.join(__dirname, '../../../../docs/explanation/access.md'), 'utf8');
  const [, table = ''] = /\n\| What \| `action` \|\n([^]*?)\n\n/.exec(text) ?? [];
  const listed = [...table.matchAll(/`([a-z_]+\.[a-z_]+)`/g)].map(([, action]) => action);
  expect(listed.sort()).toEqual([...auditActions].sort());
});

test('a token that is asked for again under the same Idempotency-Key has a row each time, and is kept nowhere', async () => {
  const { id } = await gateway.create();
  const url = `/v1/integrations/${id}`;
  const reject = () =>
    gateway.call('POST', `${url}/token/reject`, { version: 1 }, { 'idempotency-key': 'again' });
  for (const accessToken of ['the second', 'the third']) {
    await gateway.call('PUT', `${url}/credentials/main`, { accessToken });
    await gateway.pool.query('DELETE FROM audit');
    expect(await reject()).toMatchObject({ status: 200, body: { accessToken } });
    expect(await reject()).toMatchObject({ status: 200, body: { accessToken } });
    expect(await actions()).toEqual(['token.rejected', 'token.rejected']);
  }
  const { rows } = await gateway.pool.query('SELECT FROM idempotency_keys');
  expect(rows).toEqual([]);
});

test('each change of secrets, destinations, tokens, holds, keys and sessions has one row', async () => {
  const { id } = await gateway.create({ userId: 'bob' });
  const url = `/v1/integrations/${id}`;
  const steps: [string, 'POST' | 'PUT' | 'PATCH' | 'DELETE', string, object?][] = [
    ['tokens.put', 'PUT', `${url}/credentials/main`, { accessToken: 'another' }],
    // Not the newest: that one is given out.
    ['token.rejected', 'POST', `${url}/token/reject`, { version: 1 }],
    ['destination.changed', 'PATCH', url, { destination: { url: 'https://app.example/hook' } }],
    ['integration.changed', 'PATCH', url, { whenError: 'discard' }],
    ['integration.changed', 'PATCH', url, { handling: { order: 'none' }, metadata: {} }],
    ['hold.set', 'PUT', '/v1/hold', { reason: 'x' }],
    ['hold.lifted', 'DELETE', '/v1/hold'],
    ['hold.set', 'PUT', '/api/users/bob/pause', { paused: true }],
    ['hold.lifted', 'PUT', '/api/users/bob/pause', { paused: false }],
    ['session.created', 'POST', '/v1/sessions', { userId: 'bob' }],
    ['replay.started', 'POST', `${url}/replay`, {}],
  ];
  const expected = ['integration.created'];
  for (const [action, method, path, body] of steps) {
    const { status } = await gateway.call(method, path, body);
    expect([action, status < 300]).toEqual([action, true]);
    expected.push(action);
  }
  // Of a body that names both a row each; of one that names nothing, and of a replay that has ended, none.
  await gateway.call('PATCH', url, {
    ...{ whenDisabled: 'discard', destination: { url: 'https://app.example/other' } },
  });
  expected.push('destination.changed', 'integration.changed');
  await gateway.call('PATCH', url, {});
  await openReplay('rpl_open', id);
  for (const time of ['first', 'second']) {
    const { status } = await gateway.call('DELETE', '/v1/replays/rpl_open');
    expect([time, status]).toEqual([time, 200]);
  }
  expected.push('replay.cancelled');
  for (const purpose of ['webhook', 'destination']) {
    const secrets = `${url}/${purpose}-secrets`;
    const { body } = await gateway.call('POST', secrets);
    await gateway.call('DELETE', `${secrets}/${body.id}`);
    expected.push(`${purpose}_secret.created`, `${purpose}_secret.retired`);
  }
  const { body: made } = await gateway.call('POST', '/v1/keys', { name: 'x', scopes: ['read'] });
  await gateway.call('DELETE', `/v1/keys/${made.id}`);
  await gateway.call('DELETE', url);
  await gateway.call('DELETE', '/v1/users/bob');
  expected.push('key.created', 'key.revoked', 'integration.deleted', 'user.deleted');
  expect(await actions()).toEqual(expected);
  const keyRows = await audit('?action=key.revoked');
  expect(keyRows.map(({ subject, actor }) => [subject, actor.name])).toEqual([
    [`key:${made.id}`, 'HOLDFAST_API_KEYS'],
  ]);
});

test('who ended a session or disconnected stands there, be it a key or a person', async () => {
  const { id } = await gateway.create({ userId: 'eve' });
  const session = async () =>
    (await gateway.call('POST', '/v1/sessions', { userId: 'eve' })).body as unknown as {
      id: string;
      token: string;
    };
  const [own, other] = [await session(), await session()];
  await gateway.pool.query('DELETE FROM audit');
  await gateway.call('DELETE', `/v1/sessions/${other.id}`);
  const connector = '/api/users/eve/connectors/contacts';
  await gateway.call('DELETE', connector, undefined, bearer(own.token));
  await gateway.call('DELETE', '/v1/users/eve/sessions');
  const rows = (await audit()).reverse();
  const user = expect.stringMatching(/^user:[0-9a-f]{16}$/) as string;
  expect(rows.map(({ action, actor, subject }) => [action, actor.kind, subject])).toEqual([
    ['session.ended', 'key', `session:${other.id}`],
    ['integration.deleted', 'person', expect.stringMatching(/^integration:/)],
    ['session.ended', 'key', user],
  ]);
  expect(await actions(`?integrationId=${id}`)).toEqual(['integration.deleted']);
});

test('what an actor has to do is recorded before it is asked, and so also where Temporal is away', async () => {
  const away = await gatewayFixture({ temporal: 'away' });
  try {
    const { id } = await away.create({ userId: 'eve' });
    const { body } = await away.call('POST', '/v1/sessions', { userId: 'eve' });
    const person = bearer((body as unknown as { token: string }).token);
    // What is in ERROR has no status to wait for.
    await away.pool.query(
      `UPDATE integrations SET status = 'ERROR', reason_code = 'invalid_grant'`,
    );
    await away.pool.query('DELETE FROM audit');
    const [own, theirs] = [`/v1/integrations/${id}`, '/api/users/eve/connectors/contacts'];
    const asked = [
      ['credential.invalidated', 'key', `${own}/credentials/main/invalidated`],
      ['credential.reauthorized', 'key', `${own}/credentials/main/reauthorized`],
      ['integration.disabled', 'key', `${own}/disable`],
      ['integration.disabled', 'person', `${theirs}/disable`],
      ['integration.enabled', 'key', `${own}/enable`],
      ['integration.enabled', 'person', `${theirs}/enable`],
    ];
    await Promise.all(
      asked.map(([, kind, path = '']) =>
        away.call('POST', path, undefined, kind === 'person' ? person : {}),
      ),
    );
    const { rows } = await away.pool.query(
      'SELECT action, actor_kind AS kind FROM audit ORDER BY action, actor_kind',
    );
    expect(rows).toEqual(asked.map(([action, kind]) => ({ action, kind })));
  } finally {
    await away.close();
  }
});

test('it is found by actor, action, integration and time, page by page, also after the deletion', async () => {
  const { id } = await gateway.create({ userId: 'cleo' });
  const token = `/v1/integrations/${id}/token`;
  await gateway.call('GET', token, undefined, key.headers);
  const { body } = await gateway.call('POST', '/v1/sessions', { userId: 'cleo' });
  const own = bearer((body as unknown as { token: string }).token);
  await gateway.call('PUT', '/api/users/cleo/pause', { paused: true }, own);
  await gateway.call('DELETE', '/v1/users/cleo');

  expect(await actions(`?integrationId=${id}`)).toEqual(['integration.created', 'token.read']);
  expect(await actions('?actor=Nightly%20sync')).toEqual(['token.read']);
  expect(await actions(`?actor=${key.id}`)).toEqual(['token.read']);
  const [byPerson] = await audit('?actor=cleo');
  expect(byPerson).toMatchObject({ action: 'hold.set', actor: { kind: 'person' } });
  expect(byPerson?.actor.name).toMatch(/^user:[0-9a-f]{16}$/);
  expect(byPerson?.subject).toBe(byPerson?.actor.name);
  expect(await actions(`?actor=${byPerson?.actor.name ?? ''}`)).toEqual(['hold.set']);
  expect(await actions('?action=user.deleted')).toEqual(['user.deleted']);

  const all = await audit();
  const middle = all[2]?.at ?? '';
  // Several may stand in one millisecond.
  expect(await audit(`?to=${middle}`)).toEqual(all.filter(({ at }) => at < middle));
  expect(await audit(`?from=${middle}`)).toEqual(all.filter(({ at }) => at >= middle));
  const first = await gateway.call('GET', '/v1/audit?limit=2');
  const next = await audit(`?cursor=${first.body.nextCursor ?? ''}`);
  expect([...(first.body.items as unknown as Item[]), ...next]).toEqual(all);

  const { rows } = await gateway.pool.query<{ row: string }>(
    'SELECT audit::text AS row FROM audit',
  );
  const text = rows.map(({ row }) => row).join();
  for (const name of ['cleo', id]) {
    expect(text).not.toContain(name);
    expect(text).not.toContain(Buffer.from(name).toString('hex'));
  }
});

test.each([
  ['an unknown action', '?action=token.eaten'],
  ['an id that is none', '?integrationId=%00'],
  ['a time that is none', '?from=yesterday'],
  ['a range the wrong way round', '?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z'],
  ['an unknown parameter', '?user=ada'],
  ['a NUL', '?actor=%00'],
])('%s is refused', async (_what, query) => {
  const answer = await gateway.call('GET', `/v1/audit${query}`);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
});

test('a token costs one statement more, and no more', async () => {
  const { id } = await gateway.create();
  const url = `/v1/integrations/${id}/token`;
  await gateway.call('GET', url);
  const asked = jest.spyOn(gateway.pool, 'query');
  await gateway.call('GET', url);
  const statements = asked.mock.calls.map(([text]) => /^\s*(\w+)/.exec(text)?.[1]);
  asked.mockRestore();
  expect(statements).toEqual(['SELECT', 'INSERT']);
});
