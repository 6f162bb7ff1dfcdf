import { inTransaction } from '../../src/db/transaction';
import { readIntegrationFacts } from '../../src/db/queries/integrations/facts';
import {
  type TransitionWrite,
  wasWritten,
  writeReason,
  writeTransition,
} from '../../src/db/queries/integrations/transitions';
import type { Pool } from '../../src/db/pool';
import type { Actors } from '../../src/temporal/actors';
import { addIntegrationNotice, noticeType } from '../../src/notifications/integration-notification';
import type { SettleFacts } from './settle';

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
 * Writes a transition, its audit row and its notice in one transaction, then wakes whoever sends notices.
 * A second run finds the first one's rows and answers as it did.
 *
 * @returns the row afterwards, or null where it had moved on: then nothing was written
 */
export function createRecordTransition({ pool, actors, publicUrl, notifyUrl }: RecordDeps) {
  return async function recordTransition(input: RecordInput): Promise<SettleFacts | null> {
    const write = { integrationId: input.integrationId, expected: input.expected, ...input.next };
    const result = await inTransaction(pool, async (client) => {
      const from = await writeTransition(client, write);
      if (from === null) {
        const again = await wasWritten(client, write);
        return { noticed: again, facts: again ? await readFacts(client, write) : null };
      }
      const facts = await readFacts(client, write);
      const type = noticeType(from, write.to);
      if (facts === null || type === null || notifyUrl === undefined)
        return { noticed: false, facts };
      const { integrationId } = write;
      await addIntegrationNotice(client, { integrationId, type }, publicUrl);
      return { noticed: true, facts };
    });
    if (result.noticed) await actors.noticeWaiting(input.integrationId);
    return result.facts;
  };
}

/** Writes another reason for an ERROR that stays one. */
export function createRecordReason({ pool }: Pick<RecordDeps, 'pool'>) {
  return async function recordReason(input: RecordInput): Promise<SettleFacts | null> {
    const write = { integrationId: input.integrationId, expected: input.expected, ...input.next };
    return (await writeReason(pool, write)) ? readFacts(pool, write) : null;
  };
}

const readFacts = (db: Parameters<typeof readIntegrationFacts>[0], write: TransitionWrite) =>
  readIntegrationFacts(db, write.integrationId);
