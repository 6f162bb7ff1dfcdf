import type { Temporal } from '../../src/temporal/client';

/** The signals that an actor was sent, from its history. */
export async function signalsOf(
  { temporal }: { temporal: Temporal },
  workflowId: string,
): Promise<{ name: string; input: unknown }[]> {
  const { events } = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => {
    if (signal === null || signal === undefined) return [];
    const data = signal.input?.payloads?.[0]?.data;
    const input: unknown =
      data === null || data === undefined
        ? undefined
        : JSON.parse(Buffer.from(data).toString('utf8'));
    return [{ name: signal.signalName ?? '', input }];
  });
}
