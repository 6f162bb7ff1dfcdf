import { putOperatorHold, removeOperatorHold } from '../../../src/db/queries/holds';
import { eventually } from '../../support/eventually';
import { insertDelivery } from '../../support/scenes/rows';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
});
afterEach(() => gateway.pool.query('DELETE FROM holds'));
afterAll(() => gateway.close());

const put = (reason: unknown) => gateway.call('PUT', '/v1/hold', { reason });
const get = () => gateway.call('GET', '/v1/hold');
const lift = () => gateway.call('DELETE', '/v1/hold');

const patient = { timeoutMs: 30_000, everyMs: 200 };

/** The sweeps that were started beside the schedule. */
async function sweeps(): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of gateway.temporal.client.workflow.list()) {
    if (workflowId.startsWith('sweep:now:')) ids.push(workflowId);
  }
  return ids;
}

test("the operator's hold is set, shown, given another reason and lifted, each as often as one likes", async () => {
  expect(await get()).toMatchObject({ status: 200, body: { hold: null } });
  const first = await put('maintenance');
  expect(first).toMatchObject({
    status: 200,
    body: { by: 'operator', reason: 'maintenance', source: 'api' },
  });
  expect((await put('maintenance')).body).toEqual(first.body);
  const second = await put('maintenance takes longer');
  // Held since the same moment, for another reason.
  expect(second.body).toEqual({ ...first.body, reason: 'maintenance takes longer' });
  expect((await get()).body).toEqual({ hold: second.body });
  expect(await lift()).toMatchObject({ status: 204, body: null });
  expect(await lift()).toMatchObject({ status: 204, body: null });
  expect((await get()).body).toEqual({ hold: null });
  // Listed late, it would be counted as one of the next test's.
  await eventually(async () => expect(await sweeps()).toHaveLength(1), patient);
}, 60_000);

test('a lift starts a sweep under an id of its own; where nothing was held none is started', async () => {
  const before = (await sweeps()).length;
  expect((await lift()).status).toBe(204);
  for (let round = 0; round < 2; round++) {
    await put('maintenance');
    expect((await lift()).status).toBe(204);
  }
  expect((await lift()).status).toBe(204);
  await eventually(async () => expect(await sweeps()).toHaveLength(before + 2), patient);
}, 60_000);

test("while the environment's hold stands, the API says so and lifts only its own", async () => {
  await putOperatorHold(gateway.pool, 'environment', 'set at the start');
  await put('by hand');
  // What was said last, and can be taken back here, is shown.
  expect((await get()).body).toMatchObject({ hold: { reason: 'by hand', source: 'api' } });
  for (let round = 0; round < 2; round++) {
    expect(await lift()).toMatchObject({
      status: 409,
      body: { error: { code: 'held_by_environment' } },
    });
    expect((await get()).body).toMatchObject({
      hold: { reason: 'set at the start', source: 'environment' },
    });
  }
  await removeOperatorHold(gateway.pool, 'environment');
  expect((await lift()).status).toBe(204);
});

test.each([
  ['no body', undefined],
  ['no reason', {}],
  ['an empty reason', { reason: '' }],
  ['a reason that is too long', { reason: 'x'.repeat(501) }],
  ['a NUL', { reason: 'a\0b' }],
  ['half a surrogate pair', { reason: '\ud800' }],
  ['another type', { reason: 1 }],
  ['another property', { reason: 'x', until: 'tomorrow' }],
])('a hold with %s is refused', async (_what, body) => {
  const answer = await gateway.call('PUT', '/v1/hold', body);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  expect((await get()).body).toEqual({ hold: null });
});

test('a reason may have 500 characters, of any kind', async () => {
  expect(await put('☃'.repeat(500))).toMatchObject({ status: 200 });
});

test('only the application may hold everything', async () => {
  for (const method of ['GET', 'PUT', 'DELETE'] as const) {
    const answer = await gateway.call(method, '/v1/hold', undefined, { authorization: 'Bearer x' });
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'unauthorized' } } });
  }
});

test('a lift while Temporal is away is one all the same, and the log says what it means', async () => {
  const alone = await gatewayFixture({ temporal: 'away' });
  try {
    const { id } = await alone.create({ userId: 'ada' });
    await insertDelivery(alone.pool, { integration_id: id, outcome: 'parked' });
    await alone.call('PUT', '/v1/hold', { reason: 'maintenance' });
    await alone.call('PUT', '/api/users/ada/pause', { paused: true });
    alone.logged.length = 0;
    expect((await alone.call('DELETE', '/v1/hold')).status).toBe(204);
    expect(await alone.call('PUT', '/api/users/ada/pause', { paused: false })).toMatchObject({
      status: 200,
      body: { paused: false },
    });
    expect((await alone.pool.query('SELECT FROM holds')).rowCount).toBe(0);
    await eventually(() => {
      expect(alone.logged.join('')).toContain('no sweep could be started');
      expect(alone.logged.join('')).toContain('temporal.unreachable');
    }, patient);
  } finally {
    await alone.close();
  }
}, 60_000);
