import { tmpdir } from 'node:os';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { searchAttributes, workflowIds } from '../../../workflows/contract/ids';
import { createShowUser } from '../../../src/temporal/shown-user';
import { eventually } from '../../support/eventually';
import { holdfast } from '../../support/processes/holdfast';
import { type HistoryEvent, historyEvents } from '../../support/scenes/history-events';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { untilQuiet } from '../../support/until-quiet';

const temporalHashKey = 'a-key-for-hashes-with-more-than-32-characters';
const userId = 'ada.lovelace+secret@example.com';
const temporalUiUrl = 'https://temporal.example';

const play = async (
  temporalUserAttribute: 'on' | 'off' | 'hash',
  test: (scene: Scene, integration: IntegrationBody) => Promise<void>,
) => {
  const scene = await startScene({
    config: { temporalUserAttribute, temporalHashKey, temporalUiUrl },
  });
  try {
    await test(scene, await scene.connect({ userId, name: 'crm' }));
  } finally {
    await scene.close();
  }
};

const detailsOf = async ({ system }: Scene, workflowId: string) => {
  const handle = system.temporal.workflow.getHandle(workflowId);
  const { currentDetails } = await handle.query<{ currentDetails: string }>(
    '__temporal_workflow_metadata',
  );
  return currentDetails;
};

/** What the command prints where something is wrong, with links as they are read. */
const statusOf = async ({ system }: Scene) => {
  const [HOLDFAST_API_KEY = ''] = system.config.apiKeys;
  const env = { HOLDFAST_URL: system.url, HOLDFAST_API_KEY };
  const run = holdfast(['status'], { cwd: tmpdir(), env });
  expect([await run.ended, run.output()]).toEqual([1, expect.stringContaining(temporalUiUrl)]);
  return decodeURIComponent(run.output());
};

test.each(['off', 'hash'] as const)(
  'with the user attribute %s the id of a user is nowhere in Temporal, and lists still find what is broken',
  async (attribute) => {
    await play(attribute, async (scene, integration) => {
      const ids = [
        workflowIds.integration(integration.id),
        workflowIds.credential(integration.credentials[0]?.id ?? ''),
      ];
      await scene.webhook(integration);
      await eventually(() => expect(scene.destination.received).toHaveLength(1));
      const disabled = `/v1/integrations/${integration.id}/disable`;
      await scene.system.api('POST', disabled, {});
      await scene.system.api('POST', disabled.replace('disable', 'enable'), {});
      const [actor = ''] = ids;
      const handle = scene.system.temporal.workflow.getHandle(actor);
      await handle.signal('credentialInvalidated');
      expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
        temporalUrl: expect.stringContaining(`/workflows/${encodeURIComponent(actor)}`) as string,
      });
      const status = await statusOf(scene);
      const shown = createShowUser({ temporalUserAttribute: attribute, temporalHashKey })(userId);
      await eventually(async () => {
        const { typedSearchAttributes } = await handle.describe();
        const { status, name, user } = searchAttributes;
        expect([status, name, user].map((key) => typedSearchAttributes.get(key))).toEqual([
          ...['ERROR', 'crm', attribute === 'hash' ? shown : undefined],
        ]);
      });
      expect(status).toContain('?query=IntegrationStatus="ERROR" AND ExecutionStatus="Running"\n');
      const ofUser = `?query=IntegrationUser="${shown}" AND ExecutionStatus="Running"\n`;
      expect(status.match(/\?query=IntegrationUser=.*\n/g)).toEqual(shown === '' ? null : [ofUser]);
      expect(status).not.toContain('lovelace');
      for (const id of ids) {
        const { typedSearchAttributes, memo, raw } = await scene.system.temporal.workflow
          .getHandle(id)
          .describe();
        const events = await historyEvents(scene.system.temporal, id);
        const read = decoded(historyToJSON({ events }));
        const details = await detailsOf(scene, id);
        const all = JSON.stringify([typedSearchAttributes.getAll(), memo, raw, details]) + read;
        expect(all).toContain('acme');
        expect(all).not.toContain('lovelace');
      }
      const summaries = decoded(historyToJSON(await handle.fetchHistory()));
      expect(summaries).toContain('ENABLED → ERROR invalidated by operator');
      expect(await detailsOf(scene, actor)).toContain('The last drain: 1 delivered, 0 left');
    });
  },
  60_000,
);

/** A payload as the text that it is. */
const textOf = (payload: { data?: Uint8Array | null } | null | undefined): unknown =>
  payload?.data == null ? '' : JSON.parse(Buffer.from(payload.data).toString());

/** With every payload as the text that it is. */
const decoded = (history: string) =>
  history.replaceAll(
    /"data": "([^"]*)"/g,
    (_all, data: string) => `"data": ${Buffer.from(data, 'base64').toString()}`,
  );

test('S10 a run of 250 events ends once it is quiet, and the next one shows the details from its beginning', async () => {
  await play('hash', async (scene, integration) => {
    const workflowId = workflowIds.integration(integration.id);
    const handle = scene.system.temporal.workflow.getHandle(workflowId);
    const first = await eventually(() => handle.describe());
    for (let told = 0; told < 60 && (await handle.describe()).runId === first.runId; told++) {
      await handle.signal('holdChanged', { why: 'differs' });
      await untilQuiet(handle);
    }
    const { historyLength } = await scene.system.temporal.workflow
      .getHandle(workflowId, first.runId)
      .describe();
    expect(historyLength).toBeGreaterThan(250);
    expect(historyLength).toBeLessThan(400);
    // Whatever it shows it has from the run before: it has done nothing but its first task.
    expect(await detailsOf(scene, workflowId)).toContain('**ENABLED**');
    const { events } = await handle.fetchHistory();
    const [begun] = events ?? [];
    expect(begun?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId).toBe(
      first.runId,
    );
    const count = (kind: keyof HistoryEvent) => events?.filter((one) => one[kind]).length;
    expect(count('workflowTaskCompletedEventAttributes')).toBe(1);
    expect(count('activityTaskScheduledEventAttributes')).toBe(0);
  });
}, 60_000);

test("what is done, and what is waited for, is written beside it in the history; a credential's actor shows itself in lists", async () => {
  await play('on', async (scene, integration) => {
    const { system, destination } = scene;
    const workflowId = workflowIds.integration(integration.id);
    const credential = workflowIds.credential(integration.credentials[0]?.id ?? '');
    const isListed = (state: string) =>
      eventually(async () => {
        const query = `CredentialProvider="acme" AND CredentialState="${state}" AND WorkflowId="${credential}" AND ExecutionStatus="Running"`;
        expect(await system.temporal.workflow.count(query)).toMatchObject({ count: 1 });
      });
    await isListed('alive');

    await scene.webhook(integration);
    await eventually(() => expect(destination.received).toHaveLength(1));
    destination.answer((_request, answer) => answer.writeHead(503).end());
    await scene.webhook(integration);
    const written = async (kind: keyof HistoryEvent) =>
      (await historyEvents(system.temporal, workflowId)).flatMap((one) =>
        one[kind] ? [textOf(one.userMetadata?.summary)] : [],
      );
    await eventually(async () =>
      expect(await written('timerStartedEventAttributes')).toContainEqual(
        expect.stringMatching(/^0 delivered, 1 left; tried again at \d{4}-\d\d-\d\dT[\d:.]+Z$/),
      ),
    );

    scene.provider.revokeAll();
    await system.api('POST', `/v1/integrations/${integration.id}/token/reject`, { version: 1 });
    const { temporalUserUrl } = (await scene.until(integration.id, 'ERROR')) as IntegrationBody & {
      temporalUserUrl: string;
    };
    expect(new URL(temporalUserUrl).searchParams.get('query')).toBe(
      `IntegrationUser="${userId}" AND ExecutionStatus="Running"`,
    );
    await isListed('dead');
    const activities = await written('activityTaskScheduledEventAttributes');
    for (const summary of ['look at the rows', 'drain; the last one: 1 delivered, 0 left'])
      expect(activities).toContain(summary);
    expect(activities).toContain('ENABLED → ERROR invalid_grant');
  });
}, 60_000);
