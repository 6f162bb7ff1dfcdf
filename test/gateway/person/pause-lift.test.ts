import { isGrpcServiceError } from '@temporalio/client';
import { removeOperatorHold } from '../../../src/db/queries/holds';
import { eventually } from '../../support/eventually';
import { insertDelivery, insertIntegration } from '../../support/scenes/rows';
import { application, ask, session } from '../as-person';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { signalsOf } from '../signals';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterEach(() => fixture.pool.query('DELETE FROM holds'));
afterAll(() => fixture.close());

const patient = { timeoutMs: 30_000, everyMs: 200 };
/** gRPC status code. */
const notFound = 5;

/** Integrations of that user; in each of those that `keeps` something waits. */
async function integrations(userId: string, ids: readonly string[], keeps = ids) {
  for (const id of ids) await insertIntegration(fixture.pool, { id, user_id: userId });
  for (const id of keeps) {
    await insertDelivery(fixture.pool, { integration_id: id, outcome: 'parked' });
  }
}

async function signalsTo(id: string): Promise<string[]> {
  try {
    return (await signalsOf(fixture, `integration:${id}`)).map(({ name }) => name);
  } catch (error) {
    if (isGrpcServiceError(error) && (error.code as number) === notFound) return [];
    throw error;
  }
}

test("lifting a pause rings that person's integrations in which something waits, and no other", async () => {
  await integrations(
    'cleo',
    ['int_1', 'int_2', 'int_empty', 'int_broken'],
    ['int_1', 'int_2', 'int_broken'],
  );
  await integrations('dora', ['int_other']);
  await fixture.pool.query(
    "UPDATE integrations SET status = 'ERROR', reason_code = 'revoked' WHERE id = 'int_broken'",
  );
  const cleo = await session(fixture, 'cleo');
  await fixture.api('PUT', '/v1/hold', { reason: 'maintenance' });
  await ask(fixture, 'PUT', 'cleo', cleo);
  await ask(fixture, 'PUT', 'cleo', cleo, { paused: false });
  // The operator's still stands.
  expect(await signalsTo('int_1')).toEqual([]);
  await removeOperatorHold(fixture.pool, 'api');
  await ask(fixture, 'PUT', 'cleo', cleo);
  expect(await signalsTo('int_1')).toEqual([]);
  await ask(fixture, 'PUT', 'cleo', cleo, { paused: false });
  await eventually(async () => {
    expect(await signalsTo('int_1')).toEqual(['holdChanged']);
    expect(await signalsTo('int_2')).toEqual(['holdChanged']);
  }, patient);
  for (const id of ['int_empty', 'int_broken', 'int_other'])
    expect(await signalsTo(id)).toEqual([]);
}, 60_000);

test('of a person with very many integrations a sweep rings them, at its own pace', async () => {
  const ids = Array.from({ length: 101 }, (_, index) => `int_many${index}`);
  await integrations('emil', ids);
  await ask(fixture, 'PUT', 'emil', application);
  await ask(fixture, 'PUT', 'emil', application, { paused: false });
  await eventually(async () => {
    const sweeps: string[] = [];
    for await (const { workflowId } of fixture.temporal.client.workflow.list()) {
      if (workflowId.startsWith('sweep:now:')) sweeps.push(workflowId);
    }
    expect(sweeps).toHaveLength(1);
  }, patient);
  expect((await Promise.all(ids.map(signalsTo))).flat()).toEqual([]);
}, 60_000);
