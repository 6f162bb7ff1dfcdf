import type { Pool } from '../../src/db/pool';
import {
  integrationsUsing,
  logDeaths,
  markAllDead,
  markDead,
} from '../../src/db/queries/credentials/death';
import { reviveExternal } from '../../src/db/queries/credentials/external';
import { askForTrials, type TrialAsk } from '../../src/db/queries/credentials/trial';
import {
  nameReasonCredentials,
  readIntegrationFacts,
  type StatusBefore,
  type TransitionWrite,
  wasWritten,
  writeReason,
  writeTransition,
} from '../../src/db/queries/integrations/status';
import { inTransaction } from '../../src/db/transaction';
import {
  addIntegrationNotification,
  notificationType,
} from '../../src/notifications/integration-notification';
import type { Logger } from '../../src/lib/log';
import type { WorkerMetrics } from '../../src/metrics/worker';
import type { Actors } from '../../src/temporal/actors';
import { signalPaced } from '../../src/temporal/paced-signals';
import type { TryDeps } from '../credential/try-credential';
import type { CredentialInvalidated } from '../../workflows/contract/messages';
import type { IntegrationFacts, IntegrationStatus } from '../../workflows/contract/status';

/** What signals asked of a look at the credentials. */
export interface SettleInput {
  integrationId: string;
  invalidations: CredentialInvalidated[];
  /** An operator's word, without naming a version. */
  invalidateAll: boolean;
  /** An operator's word: dead credentials are to be tried once more. */
  revivals: string[];
  reviveAll: boolean;
  resume: boolean;
}

export interface SettleDeps {
  pool: Pool;
  actors: Pick<Actors, 'lookAtCredential' | 'reauthorized'>;
  durations: Pick<TryDeps['durations'], 'trialPauseMs'>;
  log: Logger;
}

/**
 * Marks dead what is named, has those tried once more that an operator asked for, and reads what the rows say now. With
 * nothing named it writes nothing.
 *
 * @returns null where there is no such integration
 */
export function createSettle({ pool, actors, durations, log }: SettleDeps) {
  return async function settle(input: SettleInput): Promise<IntegrationFacts | null> {
    const { integrationId, invalidations, revivals, resume } = input;
    if (invalidations.length > 0) logDeaths(log, await markDead(pool, invalidations));
    if (input.invalidateAll) {
      logDeaths(log, await markAllDead(pool, integrationId, 'invalidated'));
    }
    const credentialIds = input.reviveAll ? 'all' : revivals;
    if (credentialIds.length > 0) {
      await revive({ integrationId, credentialIds });
      await askFor({ integrationId, credentialIds, resume });
    }
    const facts = await readIntegrationFacts(pool, integrationId);
    if (facts?.status === 'ERROR' && facts.reason?.credentials === null) {
      await nameReasonCredentials(pool, integrationId);
    }
    return facts === null ? null : { ...facts, resumeAsked: facts.resumeAsked || resume };
  };

  /** Others that use such a credential are told; where that is lost, the sweep does it. */
  async function revive(of: Pick<TrialAsk, 'integrationId' | 'credentialIds'>) {
    for (const { id: credentialId, version } of await reviveExternal(pool, of)) {
      const users = await integrationsUsing(pool, credentialId);
      const others = users.filter((id) => id !== of.integrationId);
      await signalPaced(others, (id) => actors.reauthorized(id, { credentialId, version }));
    }
  }

  /** Its own actor tries a credential: nobody here waits for a provider. */
  async function askFor(ask: Pick<TrialAsk, 'integrationId' | 'credentialIds' | 'resume'>) {
    const asked = await askForTrials(pool, { ...ask, pauseMs: durations.trialPauseMs });
    await Promise.all(
      asked.map(({ id, version }) => actors.lookAtCredential(id, version, 'trial')),
    );
  }
}

export interface RecordInput {
  integrationId: string;
  expected: number;
  next: Omit<TransitionWrite, 'integrationId' | 'expected'>;
}

export interface RecordDeps {
  pool: Pool;
  actors: Pick<Actors, 'noticeWaiting'>;
  publicUrl: string;
  /** Whether anybody is told. */
  notifyUrl: string | undefined;
  /** Undefined where nothing is measured. */
  metrics?: Pick<WorkerMetrics, 'statusChanged'> | undefined;
  log: Logger;
}

/**
 * Writes a transition, its audit row and its notification in one transaction, then wakes whoever sends notifications.
 * A second run finds the first one's rows and answers as it did.
 *
 * @returns the row afterwards, or null where it had moved on: then nothing was written
 */
export function createRecordTransition(deps: RecordDeps) {
  const { pool, actors, publicUrl, notifyUrl } = deps;
  return async function recordTransition(input: RecordInput): Promise<IntegrationFacts | null> {
    const { integrationId, expected, next } = input;
    const write = { integrationId, expected, ...next };
    const result = await inTransaction(pool, async (client) => {
      const before = await writeTransition(client, write);
      if (before === null) {
        const isAgain = await wasWritten(client, write);
        const facts = isAgain ? await readIntegrationFacts(client, integrationId) : null;
        return { before, isTold: isAgain, facts };
      }
      const facts = await readIntegrationFacts(client, integrationId);
      const type = notificationType(before.from, write.to);
      if (facts === null || type === null || notifyUrl === undefined) {
        return { before, isTold: false, facts };
      }
      const more = isFirstConnection(before, write) ? { first: true } : undefined;
      await addIntegrationNotification(client, { integrationId, type, more }, publicUrl);
      return { before, isTold: true, facts };
    });
    const { before, facts } = result;
    if (before !== null) {
      logChange(deps.log, { ...input, from: before.from, facts });
      const { to, code } = next;
      const provider = facts?.provider ?? '';
      deps.metrics?.statusChanged({ provider, from: before.from, to, code });
    }
    if (result.isTold) await actors.noticeWaiting(integrationId);
    return facts;
  };
}

/** It was created without what it needs, and has never been ENABLED; tokens may have come and died meanwhile. */
const isFirstConnection = (
  { from, fromReason, isNew }: StatusBefore,
  { to }: Pick<TransitionWrite, 'to'>,
): boolean => from === 'ERROR' && to === 'ENABLED' && (isNew || fromReason === 'not_connected');

interface Change extends RecordInput {
  from: IntegrationStatus;
  facts: IntegrationFacts | null;
}

function logChange(log: Logger, { integrationId, next, from, facts }: Change): void {
  const { to, code, credential, by } = next;
  const provider = facts?.provider;
  const line = { integrationId, provider, from, to, code, credential, by };
  log[to === 'ERROR' ? 'warn' : 'info'](
    { event: 'integration.status_changed', ...line },
    'The status of an integration changed',
  );
}

/** Writes another reason for an ERROR that stays one. */
export function createRecordReason({ pool }: Pick<RecordDeps, 'pool'>) {
  return async function recordReason(input: RecordInput): Promise<IntegrationFacts | null> {
    const { integrationId, expected, next } = input;
    const isWritten = await writeReason(pool, { integrationId, expected, ...next });
    return isWritten ? readIntegrationFacts(pool, integrationId) : null;
  };
}
