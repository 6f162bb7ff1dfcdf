import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowIdConflictPolicy,
} from '@temporalio/client';
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { taskQueues } from '../../workflows/contract/ids';
import { actorError, wasCutOff } from './actor-errors';

/** An update waits for its result: a refresh may take as long as the provider's slowest answer. */
const updateTimeoutMs = 60_000;
const cutOffRetries = 5;

interface Addressee {
  client: Client;
  type: string;
  workflowId: string;
  id: string;
}

const startOptions = ({ workflowId, id }: Addressee) => ({
  workflowId,
  taskQueue: taskQueues.main,
  args: [{ id }],
});

/** Signals an actor, starting it if it isn't running. @throws HoldfastError */
export async function signalActor<Args extends unknown[]>(
  to: Addressee,
  signal: SignalDefinition<Args>,
  args: Args,
): Promise<void> {
  try {
    await to.client.workflow.signalWithStart(to.type, {
      ...startOptions(to),
      signal: signal.name,
      // The option's type asks for a tuple; an empty list of arguments is as good.
      signalArgs: args as unknown as [unknown],
    });
  } catch (error) {
    throw actorError(error);
  }
}

/** Updates an actor and waits for the answer, starting it if it isn't running. @throws HoldfastError */
export async function updateActor<Result, Args extends unknown[]>(
  to: Addressee,
  update: UpdateDefinition<Result, Args>,
  args: Args,
): Promise<Result> {
  const deadline = Date.now() + updateTimeoutMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await to.client.withDeadline(deadline, () =>
        to.client.workflow.executeUpdateWithStart(update, {
          args,
          startWorkflowOperation: new WithStartWorkflowOperation(to.type, {
            ...startOptions(to),
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          }),
        }),
      );
    } catch (error) {
      // Accepted and then overtaken by continue-as-new: the next run has not seen it.
      if (!wasCutOff(error) || attempt >= cutOffRetries) throw actorError(error);
    }
  }
}
