import { workflowIds } from '../../../workflows/contract/ids';
import type { IntegrationBody, Scene } from '../../support/scenes/scene';

/** The actor of an integration's first credential. */
export const credentialActor = (
  { system }: Scene,
  { credentials }: IntegrationBody,
  runId?: string,
) => system.temporal.workflow.getHandle(workflowIds.credential(credentials[0]?.id ?? ''), runId);

export interface Cost {
  events: number;
  updates: number;
  activities: string[];
  timers: number;
}

/** What the history of a run of the credential's actor holds, from an event on. */
export async function costOf(
  scene: Scene,
  integration: IntegrationBody,
  from = 0,
  runId?: string,
): Promise<Cost> {
  const history = await credentialActor(scene, integration, runId).fetchHistory();
  const events = (history.events ?? []).slice(from);
  return {
    events: events.length,
    updates: events.filter((one) => one.workflowExecutionUpdateAcceptedEventAttributes).length,
    activities: events.flatMap(
      ({ activityTaskScheduledEventAttributes: one }) => one?.activityType?.name ?? [],
    ),
    timers: events.filter((one) => one.timerStartedEventAttributes).length,
  };
}
