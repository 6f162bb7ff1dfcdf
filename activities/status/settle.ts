import type { Pool } from '../../src/db/pool';
import { markAllDead, markDead, reviveOnTrial } from '../../src/db/queries/credentials/death';
import {
  readIntegrationFacts,
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
import type { Actors } from '../../src/temporal/actors';
import type { CredentialInvalidated } from '../../workflows/contract/messages';
import type { IntegrationFacts } from '../../workflows/contract/status';

/** What signals asked of a look at the credentials. */
export interface SettleInput {
  integrationId: string;
  invalidations: CredentialInvalidated[];
  /** An operator's word, without naming a version. */
  invalidateAll: boolean;
  revivals: string[];
  reviveAll: boolean;
  resume: boolean;
}

/**
 * Marks dead what is named, revives what an operator asked for, and reads what the rows say now. With
 * nothing named it writes nothing.
 *
 * @returns null where there is no such integration
 */
export function createSettle({ pool }: { pool: Pool }) {
  return async function settle(input: SettleInput): Promise<IntegrationFacts | null> {
    const { integrationId, invalidations, revivals } = input;
    if (invalidations.length > 0) await markDead(pool, invalidations);
    if (input.invalidateAll) await markAllDead(pool, integrationId, 'invalidated');
    if (input.reviveAll) await reviveOnTrial(pool, integrationId, 'all');
    else if (revivals.length > 0) await reviveOnTrial(pool, integrationId, revivals);
    const facts = await readIntegrationFacts(pool, integrationId);
    return facts === null ? null : { ...facts, resumeAsked: facts.resumeAsked || input.resume };
  };
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
}

/**
 * Writes a transition, its audit row and its notification in one transaction, then wakes whoever sends notifications.
 * A second run finds the first one's rows and answers as it did.
 *
 * @returns the row afterwards, or null where it had moved on: then nothing was written
 */
export function createRecordTransition({ pool, actors, publicUrl, notifyUrl }: RecordDeps) {
  return async function recordTransition(input: RecordInput): Promise<IntegrationFacts | null> {
    const { integrationId, expected, next } = input;
    const write = { integrationId, expected, ...next };
    const result = await inTransaction(pool, async (client) => {
      const from = await writeTransition(client, write);
      if (from === null) {
        const isAgain = await wasWritten(client, write);
        const facts = isAgain ? await readIntegrationFacts(client, integrationId) : null;
        return { isTold: isAgain, facts };
      }
      const facts = await readIntegrationFacts(client, integrationId);
      const type = notificationType(from, write.to);
      if (facts === null || type === null || notifyUrl === undefined) {
        return { isTold: false, facts };
      }
      await addIntegrationNotification(client, { integrationId, type }, publicUrl);
      return { isTold: true, facts };
    });
    if (result.isTold) await actors.noticeWaiting(integrationId);
    return result.facts;
  };
}

/** Writes another reason for an ERROR that stays one. */
export function createRecordReason({ pool }: Pick<RecordDeps, 'pool'>) {
  return async function recordReason(input: RecordInput): Promise<IntegrationFacts | null> {
    const { integrationId, expected, next } = input;
    const isWritten = await writeReason(pool, { integrationId, expected, ...next });
    return isWritten ? readIntegrationFacts(pool, integrationId) : null;
  };
}
