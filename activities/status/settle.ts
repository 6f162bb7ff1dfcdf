import type { CredentialInvalidated } from '../../workflows/contract/messages';
import { markAllDead, markDead, reviveOnTrial } from '../../src/db/queries/credentials/death';
import {
  type IntegrationFacts,
  readIntegrationFacts,
} from '../../src/db/queries/integrations/facts';
import type { Pool } from '../../src/db/pool';

export type SettleFacts = IntegrationFacts;

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
  return async function settle(input: SettleInput): Promise<SettleFacts | null> {
    const { integrationId, invalidations, revivals } = input;
    if (invalidations.length > 0) await markDead(pool, invalidations);
    if (input.invalidateAll) await markAllDead(pool, integrationId, 'invalidated');
    if (input.reviveAll) await reviveOnTrial(pool, integrationId, 'all');
    else if (revivals.length > 0) await reviveOnTrial(pool, integrationId, revivals);
    const facts = await readIntegrationFacts(pool, integrationId);
    return facts === null ? null : { ...facts, resumeAsked: facts.resumeAsked || input.resume };
  };
}
