import { workflowIds } from '../../../workflows/contract/ids';
import {
  type DeletionScene,
  hasEnded,
  idsOf,
  rowsWith,
  startDeletionScene,
} from '../../support/scenes/deletion-scene';
import { eventually } from '../../support/eventually';

let scene: DeletionScene;
beforeAll(async () => {
  scene = await startDeletionScene({ config: { sweepSeconds: 1 } });
}, 60_000);
beforeEach(() => {
  scene.revocations.shown.length = 0;
  scene.revocations.answer(undefined);
});
afterAll(() => scene.close());

const patience = { timeoutMs: 60_000, everyMs: 200 };

test('a grant is kept while another credential of its account remains, and given back with the last', async () => {
  const first = await scene.connect({ userId: 'twice', accountId: 'shared-account' });
  const second = await scene.connect({ userId: 'twice', accountId: 'shared-account' });
  const other = await scene.connect({ userId: 'twice', accountId: 'other-account' });
  expect(await scene.remove(`integrations/${first.id}`)).toBe(204);
  expect(await rowsWith(scene.system.pool, [first.credentials[0]?.id ?? ''])).toEqual({});
  expect(await scene.remove(`integrations/${second.id}`)).toBe(204);
  await eventually(() => expect(scene.revocations.shown).toHaveLength(1), patience);
  expect(await scene.remove(`integrations/${other.id}`)).toBe(204);
  await eventually(() => expect(scene.revocations.shown).toHaveLength(2), patience);
  expect(scene.revocations.shown.map(({ token }) => token)).toEqual([
    second.refreshToken,
    other.refreshToken,
  ]);
}, 180_000);

test('a provider that is down gets the grant back once it is there again', async () => {
  scene.revocations.answer((answer) => answer.writeHead(503).end());
  const integration = await scene.connect();
  const ids = await idsOf(scene.system.pool, integration);
  expect(await scene.remove(`integrations/${integration.id}`)).toBe(204);
  await eventually(() => expect(scene.revocations.shown.length).toBeGreaterThan(1), patience);
  // Its actor is still at it: nobody deletes that history.
  const handle = scene.system.temporal.workflow.getHandle(
    workflowIds.credential(integration.credentials[0]?.id ?? ''),
  );
  expect((await handle.describe()).status.name).toBe('RUNNING');
  scene.revocations.answer(undefined);
  await eventually(
    async () => expect(await rowsWith(scene.system.pool, ids)).not.toHaveProperty('revocations'),
    patience,
  );
  await eventually(() => hasEnded(scene, handle.workflowId), patience);
}, 180_000);

test('connected again while its grant waits to be given back, an account keeps the new one', async () => {
  scene.revocations.answer((answer) => answer.writeHead(503).end());
  const integration = await scene.connect({ accountId: 'comes-back' });
  expect(await scene.remove(`integrations/${integration.id}`)).toBe(204);
  await eventually(() => expect(scene.revocations.shown).toHaveLength(1), patience);
  scene.revocations.answer(undefined);
  await scene.connect({ accountId: 'comes-back' });
  const waiting = [integration.credentials[0]?.id ?? ''];
  await eventually(
    async () =>
      expect(await rowsWith(scene.system.pool, waiting)).not.toHaveProperty('revocations'),
    patience,
  );
  expect(scene.revocations.shown).toHaveLength(1);
}, 180_000);
