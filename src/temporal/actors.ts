import type { Client } from '@temporalio/client';
import { workflowIds, workflowTypes } from '../../workflows/contract/ids';
import {
  type CredentialInvalidated,
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
import { signalActor, updateActor } from './messages';
import { shareFlights } from './single-flight';
import { startSweep } from './start-sweep';

/**
 * The actors as their senders see them. Every message is sent with start: an actor that isn't running
 * begins, reads its row and goes on from there.
 *
 * @throws HoldfastError `temporal_unavailable`, and for updates the code of the actor's refusal
 */
export interface Actors {
  webhookReceived(integrationId: string, deliveryIds: string[]): Promise<void>;
  credentialInvalidated(integrationId: string, message: CredentialInvalidated): Promise<void>;
  reauthorized(integrationId: string, message: Reauthorized): Promise<void>;
  holdChanged(integrationId: string): Promise<void>;
  integrationDeleted(integrationId: string): Promise<void>;
  enable(integrationId: string, request: SwitchRequest): Promise<IntegrationView>;
  disable(integrationId: string, request: SwitchRequest): Promise<IntegrationView>;
  /** One update per credential is in flight in a process; all who ask meanwhile share its answer. */
  refresh(credentialId: string, request: RefreshRequest): Promise<RefreshAnswer>;
  tokensStored(credentialId: string, version: number): Promise<void>;
  credentialDeleted(credentialId: string): Promise<void>;
  noticeWaiting(stream: string): Promise<void>;
  replayWaiting(replayId: string): Promise<void>;
  /** Rings at once, paced, for all that is owed. */
  sweepNow(): Promise<void>;
}

export function createActors(client: Client): Actors {
  const integration = (id: string) => ({
    client,
    type: workflowTypes.integration,
    workflowId: workflowIds.integration(id),
    id,
  });
  const credential = (id: string) => ({
    client,
    type: workflowTypes.credential,
    workflowId: workflowIds.credential(id),
    id,
  });
  const notification = (stream: string) => ({
    client,
    type: workflowTypes.notification,
    workflowId: workflowIds.notification(stream),
    id: stream,
  });
  const replay = (id: string) => ({
    client,
    type: workflowTypes.replay,
    workflowId: workflowIds.replay(id),
    id,
  });
  return {
    webhookReceived: (id, deliveryIds) =>
      signalActor(integration(id), webhookReceived, [{ deliveryIds }]),
    credentialInvalidated: (id, message) =>
      signalActor(integration(id), credentialInvalidated, [message]),
    reauthorized: (id, message) => signalActor(integration(id), reauthorized, [message]),
    holdChanged: (id) => signalActor(integration(id), holdChanged, []),
    integrationDeleted: (id) => signalActor(integration(id), deleted, []),
    enable: (id, request) => updateActor(integration(id), enable, [request]),
    disable: (id, request) => updateActor(integration(id), disable, [request]),
    refresh: shareFlights((id, request) => updateActor(credential(id), refresh, [request])),
    tokensStored: (id, version) => signalActor(credential(id), stored, [{ version }]),
    credentialDeleted: (id) => signalActor(credential(id), deleted, []),
    noticeWaiting: (stream) => signalActor(notification(stream), noticeWaiting, []),
    replayWaiting: (id) => signalActor(replay(id), replayWaiting, []),
    sweepNow: () => startSweep(client),
  };
}
