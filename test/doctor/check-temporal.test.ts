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

/** Asks once, as a worker does; Temporal remembers for minutes who has. */
async function poll(name: string): Promise<void> {
  const { workflowService, options: of } = temporal.client;
  const asked = { namespace: of.namespace, taskQueue: { name }, identity: 'a worker of the test' };
  await temporal.client
    .withDeadline(Date.now() + 1_000, async () => {
      if (name === taskQueues.main) await workflowService.pollWorkflowTaskQueue(asked);
      else await workflowService.pollActivityTaskQueue(asked);
    })
    .catch(() => undefined);
}

const worker = async () =>
  (await checkTemporal(options)).flatMap(({ well, text }) =>
    text.startsWith('Worker: ') ? [`${well ? 'ok' : 'wrong'} ${text}`] : [],
  );

test('workers are well where each task queue is polled; those that nobody polls are named', async () => {
  expect(await worker()).toEqual(['wrong Worker: none polls; run "holdfast worker"']);
  await Promise.all([poll(taskQueues.main), poll(taskQueues.refresh)]);
  await eventually(async () =>
    expect(await worker()).toEqual([
      'wrong Worker: none polls holdfast-drain, holdfast-notices, and what waits there stands still; restart the workers',
    ]),
  );
  await Promise.all([poll(taskQueues.drain), poll(taskQueues.notices)]);
  await eventually(async () =>
    expect(await worker()).toEqual(['ok Worker: 1 polling each of 4 task queues']),
  );
});
