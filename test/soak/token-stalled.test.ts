import { workflowIds } from '../../workflows/contract/ids';
import { eventually } from '../support/eventually';
import { whileShut } from '../support/gate';
import { judge, type Presentation } from './token-life/presentation';
import { type LifeScene, type Person, startLifeScene } from './token-life/scene';
import { noteStoredTokens, readStoredTokens } from './token-life/stored-tokens';
import type { WorkerSlot } from './token-life/workers';

let life: LifeScene;
let person: Person;
beforeAll(async () => {
  life = await startLifeScene(4);
  await noteStoredTokens(life.system);
  person = await life.settle('person-1', life.provider.issuer);
}, 90_000);
afterAll(() => life.close());

/** A stopped worker's open polls swallow tasks for up to a minute. */
const slow = { timeoutMs: 150_000, everyMs: 100 };

const verdict = async () =>
  judge({
    ...{ shown: life.provider.shown, troubles: life.troubles },
    stored: await readStoredTokens(life.system),
  });

const row = async () => {
  const { rows } = await life.system.pool.query<{ version: number; state: string; code: string }>(
    'SELECT version, state, code FROM credentials WHERE id = $1',
    [person.credentialId],
  );
  if (rows[0] === undefined) throw new Error('the row is gone');
  return rows[0];
};

const workerOf = (pid: number): WorkerSlot => {
  const found = life.workers.find((worker) => worker.pid() === pid);
  if (found === undefined) throw new Error(`no worker is ${String(pid)}`);
  return found;
};

/** The worker that has the credential's refresh in hand. */
async function refreshing(): Promise<WorkerSlot> {
  const actor = life.system.temporal.workflow.getHandle(
    workflowIds.credential(person.credentialId),
  );
  const { raw } = await actor.describe();
  const [activity] = raw.pendingActivities ?? [];
  return workerOf(Number.parseInt(activity?.lastWorkerIdentity ?? '', 10));
}

/** Refreshes that were made after that many presentations. */
const refreshedSince = (count: number) =>
  eventually(() => {
    const later = life.provider.shown.slice(count);
    expect(later.filter(({ outcome }) => outcome === 'rotated').length).toBeGreaterThanOrEqual(2);
  }, slow);

/** Continues a stalled process, and waits until it has seen what became of its attempt. */
async function wake(worker: WorkerSlot, go: () => void): Promise<void> {
  const said = worker.output().length;
  go();
  await eventually(
    () => expect(worker.output().slice(said)).toMatch(/"credential\.refresh(ed|_failed)"/),
    slow,
  );
}

test('S32 a worker stopped between its claim and its sending never shows the token that its successor has shown', async () => {
  let stalled: { worker: WorkerSlot; go: () => void } | undefined;
  await whileShut(
    {
      pool: life.system.pool,
      where: `BEFORE UPDATE ON credentials FOR EACH ROW
        WHEN (NEW.presenting_attempt IS DISTINCT FROM OLD.presenting_attempt
              AND NEW.presenting_attempt IS NOT NULL)`,
    },
    async (reached) => {
      await reached();
      const worker = await refreshing();
      stalled = { worker, go: worker.stall() };
    },
  );
  if (stalled === undefined) throw new Error('nobody was stopped');
  const { version } = await row();
  await eventually(async () => expect((await row()).version).toBeGreaterThan(version), slow);
  await wake(stalled.worker, stalled.go);
  await refreshedSince(life.provider.shown.length);
  expect(await verdict()).toEqual({ violations: [], rotationsLost: [] });
  expect(new Set(life.provider.shown.map(({ token }) => token)).size).toBe(
    life.provider.shown.length,
  );
}, 400_000);

test('S32 S36 a worker stopped before it hears the answer overwrites neither the death nor the reconnect that come after', async () => {
  let go: (() => void) | undefined;
  const lost: Presentation = await life.provider.strikeNext(({ pid }) => {
    go = workerOf(pid).stall();
    return Promise.resolve('answer');
  });
  const stalled = workerOf(lost.pid);
  await eventually(
    async () => expect(await row()).toMatchObject({ state: 'dead', code: 'rotation_lost' }),
    slow,
  );
  await life.reconnect(person);
  await wake(stalled, () => go?.());
  await refreshedSince(life.provider.shown.length);
  const showings = life.provider.shown.filter(({ token }) => token === lost.token);
  expect(showings.map(({ outcome }) => outcome)).toEqual(['rotated', 'invalid_grant']);
  expect((await readStoredTokens(life.system)).has(lost.brought ?? '')).toBe(false);
  expect(await verdict()).toEqual({
    violations: [],
    rotationsLost: [{ token: lost.token, account: 'person-1' }],
  });
}, 400_000);
