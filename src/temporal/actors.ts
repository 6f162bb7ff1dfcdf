import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowIdConflictPolicy,
} from '@temporalio/client';
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { workflowIds, workflowTypes, taskQueues } from '../../workflows/contract/ids';
import {
  type CredentialInvalidated,
  type CredentialNews,
  type IntegrationNews,
  type IntegrationView,
  type Reauthorized,
  type RefreshAnswer,
  type RefreshRequest,
  type SwitchRequest,
  credentialInvalidated,
  deleted,
  disable,
  enable,
  holdChanged,
  noticeWaiting,
  reauthorized,
  refresh,
  replayWaiting,
  stored,
  webhookReceived,
} from '../../workflows/contract/messages';
import { fairnessKey } from '../../workflows/rules';
import { actorError, wasCutOff } from './actor-errors';
import type { ShowUser } from './shown-user';
import { shareFlights } from './single-flight';

/**
 * The actors as their senders see them. Every message is sent with start: an actor that isn't running
 * begins, reads its row and goes on from there. Where the sender knows the user, whatever an actor that begins does takes
 * turns with what other users' do.
 *
 * @throws HoldfastError `temporal_unavailable`, and for updates the code that the actor refuses with
 */
export interface Actors {
  webhookReceived(integrationId: string, deliveryIds: string[], userId?: string): Promise<void>;
  credentialInvalidated(integrationId: string, message: CredentialInvalidated): Promise<void>;
  /** Without a version: dead tokens are tried once more. */
  reauthorized(integrationId: string, message: Partial<Reauthorized>): Promise<void>;
  /** It reads its row, does what is due, and drains what may be drained. */
  lookAtIntegration(
    integrationId: string,
    why: IntegrationNews['why'],
    userId?: string,
  ): Promise<void>;
  integrationDeleted(integrationId: string): Promise<void>;
  enable(integrationId: string, request: SwitchRequest): Promise<IntegrationView>;
  disable(integrationId: string, request: SwitchRequest): Promise<IntegrationView>;
  /** One update per credential is in flight in a process; all who ask meanwhile share its answer. */
  refresh(credentialId: string, request: RefreshRequest): Promise<RefreshAnswer>;
  /** It reads its row, and goes by the times that are there. */
  lookAtCredential(
    credentialId: string,
    version: number,
    why: CredentialNews['why'],
    userId?: string,
  ): Promise<void>;
  credentialDeleted(credentialId: string): Promise<void>;
  noticeWaiting(stream: string): Promise<void>;
  replayWaiting(replayId: string): Promise<void>;
  /** Signals at once, paced, for all that is due. */
  sweepNow(): Promise<void>;
}

/** @param showUser as `HOLDFAST_TEMPORAL_USER_ATTRIBUTE` has it; default: ids are shown as they are */
export function createActors(client: Client, showUser: ShowUser = (userId) => userId): Actors {
  const actor =
    (type: 'integration' | 'credential' | 'notification' | 'replay') =>
    (id: string, userId?: string): Addressee => ({
      ...{ client, id, type: workflowTypes[type], workflowId: workflowIds[type](id) },
      turn: userId === undefined ? undefined : fairnessKey(showUser(userId) || userId),
    });
  const [integration, credential] = [actor('integration'), actor('credential')];
  const [notification, replay] = [actor('notification'), actor('replay')];
  return {
    webhookReceived: (id, deliveryIds, userId) =>
      signalActor(integration(id, userId), webhookReceived, [{ deliveryIds }]),
    credentialInvalidated: (id, message) =>
      signalActor(integration(id), credentialInvalidated, [message]),
    reauthorized: (id, message) => signalActor(integration(id), reauthorized, [message]),
    lookAtIntegration: (id, why, userId) =>
      signalActor(integration(id, userId), holdChanged, [{ why }]),
    integrationDeleted: (id) => signalActor(integration(id), deleted, []),
    enable: (id, request) => updateActor(integration(id), enable, [request]),
    disable: (id, request) => updateActor(integration(id), disable, [request]),
    refresh: shareFlights((id, request) => updateActor(credential(id), refresh, [request])),
    lookAtCredential: (id, version, why, userId) =>
      signalActor(credential(id, userId), stored, [{ version, why }]),
    credentialDeleted: (id) => signalActor(credential(id), deleted, []),
    noticeWaiting: (stream) => signalActor(notification(stream), noticeWaiting, []),
    replayWaiting: (id) => signalActor(replay(id), replayWaiting, []),
    sweepNow: () => startSweep(client),
  };
}

/** An update waits for its result: a refresh may take as long as the provider's slowest answer. */
const updateTimeoutMs = 60_000;
const cutOffRetries = 5;
/** A run that ends takes a moment to do so, and its successor another one: with each retry a longer pause. */
const cutOffPauseMs = 200;

interface Addressee {
  client: Client;
  type: string;
  workflowId: string;
  id: string;
  /** Its fairness key, where the user is known. */
  turn?: string | undefined;
}

const startOptions = ({ workflowId, id, turn }: Addressee) => ({
  workflowId,
  taskQueue: taskQueues.main,
  args: [{ id }],
  ...(turn === undefined ? {} : { priority: { fairnessKey: turn } }),
});

/** Signals an actor, starting it if it isn't running. @throws HoldfastError */
async function signalActor<Args extends unknown[]>(
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
async function updateActor<Result, Args extends unknown[]>(
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
      // Accepted and then overtaken by continue-as-new, or by the end of its run: the next run has not seen it.
      if (!wasCutOff(error) || attempt >= cutOffRetries) throw actorError(error);
      await sleep(cutOffPauseMs * attempt);
    }
  }
}

const startTimeoutMs = 5_000;

/** Starts a sweep beside the scheduled ones. @throws HoldfastError `temporal_unavailable` */
async function startSweep(client: Client): Promise<void> {
  try {
    await client.withDeadline(Date.now() + startTimeoutMs, () =>
      client.workflow.start(workflowTypes.sweep, {
        workflowId: workflowIds.sweepNow(randomUUID()),
        taskQueue: taskQueues.main,
        args: [{}],
        workflowExecutionTimeout: '30 minutes',
      }),
    );
  } catch (error) {
    throw actorError(error);
  }
}
