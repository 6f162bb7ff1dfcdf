import { checkTemporal } from '../../src/doctor/check-temporal';
import { createTemporal, type Temporal } from '../../src/temporal/client';
import { taskQueues } from '../../workflows/contract/ids';
import { eventually } from '../support/eventually';
import { testTemporal } from '../support/servers/temporal';

let options: { address: string; namespace: string };
let temporal: Temporal;
beforeAll(async () => {
  options = await testTemporal();
  temporal = createTemporal(options);
});
afterAll(() => temporal.close());

/** Asks once, as a worker does; Temporal remembers for minutes who has. It refuses to be asked for less than two seconds. */
async function poll(name: string): Promise<void> {
  const { workflowService, options: of } = temporal.client;
  const asked = { namespace: of.namespace, taskQueue: { name }, identity: 'a worker of the test' };
  await temporal.client
    .withDeadline(Date.now() + 2_500, async () => {
      if (name === taskQueues.main) await workflowService.pollWorkflowTaskQueue(asked);
      else await workflowService.pollActivityTaskQueue(asked);
    })
    .catch(() => undefined);
}

const worker = async () =>
  (await checkTemporal(options)).flatMap(({ well, text }) =>
    text.startsWith('Worker: ') ? [`${well ? 'ok' : 'wrong'} ${text}`] : [],
  );

/** Again and again: on a busy machine a poll may be over before Temporal has heard of it. */
const pollUntil = (names: string[], told: string) =>
  eventually(
    async () => {
      await Promise.all(names.map(poll));
      expect(await worker()).toEqual([told]);
    },
    { timeoutMs: 60_000 },
  );

test('workers are well where each task queue is polled; those that nobody polls are named', async () => {
  expect(await worker()).toEqual(['wrong Worker: none polls; run "holdfast worker"']);
  await pollUntil(
    [taskQueues.main, taskQueues.refresh],
    'wrong Worker: none polls holdfast-drain, holdfast-notices, and what waits there stands still; restart the workers',
  );
  await pollUntil(
    [taskQueues.drain, taskQueues.notices],
    'ok Worker: 1 polling each of 4 task queues',
  );
}, 120_000);
