import { temporal } from '@temporalio/proto';
import { workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close());

const signals = [
  'webhookReceived',
  'credentialInvalidated',
  'reauthorized',
  'holdChanged',
  'deleted',
  'stored',
  'noticeWaiting',
  'nobodyKnowsThis',
];

const json = (value: unknown) => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(value)),
});

const junk = {
  null: json(null),
  'a number': json(7),
  'a string': json('x'),
  'an array': json([1, [2]]),
  'a version that fits no column': json({ credentialId: 'crd_1', version: 9_999_999_999 }),
  'an id with a NUL': json({ credentialId: 'crd_a\u0000b', version: 77 }),
  'an id of 1.2 MB': json({ credentialId: `crd_${'a'.repeat(1_200_000)}`, version: 77 }),
  'an empty object': json({ credentialId: 5, version: 'x', resume: 'maybe' }),
  'an object of 1.9 MB': json({ text: 'x'.repeat(1_900_000) }),
  'an encoding nobody knows': {
    metadata: { encoding: Buffer.from('json/protobuf') },
    data: Buffer.from('{}'),
  },
  'broken JSON': { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{') },
  'no encoding': { metadata: {}, data: Buffer.from([0, 255]) },
};

async function signalRaw(workflowId: string, signalName: string, payloads: object[]) {
  const { client } = { client: scene.system.temporal };
  await client.workflowService.signalWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    signalName,
    ...(payloads.length === 0 ? {} : { input: { payloads } }),
  });
}

async function noTaskFailed(workflowId: string): Promise<void> {
  const handle = scene.system.temporal.workflow.getHandle(workflowId);
  const { events } = await handle.fetchHistory();
  // The server itself takes a task back where signals of megabytes arrive meanwhile, or any at the end of a run.
  const causes = temporal.api.enums.v1.WorkflowTaskFailedCause;
  const takenBack = new Set<unknown>([
    causes.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
    causes.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
  ]);
  const failed = (events ?? []).filter(
    ({ workflowTaskFailedEventAttributes: failure }) =>
      failure != null && !takenBack.has(failure.cause),
  );
  expect(failed).toEqual([]);
  expect((await handle.describe()).status.name).toBe('RUNNING');
}

describe('signals that make no sense', () => {
  let integration: IntegrationBody;
  beforeAll(async () => {
    integration = await scene.connect();
  });

  test.each(Object.entries(junk))(
    'S9 %s: nothing fails, nothing wedges',
    async (_name, payload) => {
      const credentialId = integration.credentials[0]?.id ?? '';
      const actors = [
        workflowIds.integration(integration.id),
        workflowIds.credential(credentialId),
      ];
      for (const actor of actors) {
        // A large one many times over is only slow.
        const few = payload.data.length > 100_000 ? signals.slice(1, 3) : signals;
        for (const signal of few) await signalRaw(actor, signal, [payload]);
      }
      const delivered = await scene.webhook(integration);
      await eventually(() =>
        expect(scene.destination.received.map(({ id }) => id)).toContain(delivered.id),
      );
      expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 0 });
      for (const actor of actors) await noTaskFailed(actor);
    },
  );

  test('S9 signals with no input, with two inputs, and unknown queries and updates', async () => {
    const actor = workflowIds.integration(integration.id);
    const harmless = [
      'webhookReceived',
      'holdChanged',
      'deleted',
      'reauthorized',
      'nobodyKnowsThis',
    ];
    for (const signal of harmless) await signalRaw(actor, signal, []);
    await signalRaw(actor, 'credentialInvalidated', [json({}), json({})]);
    await signalRaw(actor, 'reauthorized', [json({ credentialId: 'a\u0000b' })]);
    const handle = scene.system.temporal.workflow.getHandle(actor);
    await expect(handle.query('nobodyKnowsThis')).rejects.toThrow();
    await expect(handle.executeUpdate('nobodyKnowsThis')).rejects.toThrow();
    for (const input of [null, 7, 'x', [], { by: '' }, { by: 'x', reason: 5 }]) {
      await expect(handle.executeUpdate('disable', { args: [input] })).rejects.toMatchObject({
        cause: { type: 'invalid_request' },
      });
    }
    await noTaskFailed(actor);
    expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 0 });
  });

  test('S9 signals to an integration that there is not end by themselves', async () => {
    await scene.system.temporal.workflow.signalWithStart('integration', {
      workflowId: workflowIds.integration('int_nobody'),
      taskQueue: 'holdfast',
      args: [{ id: 'int_nobody' }],
      signal: 'webhookReceived',
    });
    const handle = scene.system.temporal.workflow.getHandle(workflowIds.integration('int_nobody'));
    await eventually(async () => expect((await handle.describe()).status.name).toBe('COMPLETED'));
  });
});
