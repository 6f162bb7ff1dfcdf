import { scheduleProbe } from '../../src/db/queries/credentials/probe';
import { storeForeseenEnd } from '../../src/db/queries/credentials/refresh';
import { readCredential, readRefreshable } from '../../src/db/queries/credentials/row';
import type { Pool } from '../../src/db/pool';
import { grantEnd } from '../../src/oauth/grant-end';
import { probeAddress } from '../../src/oauth/probe';
import { refreshAt } from '../../src/oauth/refresh-schedule';
import type { OAuthDeclaration } from '../../src/providers/provider';
import type { Registry } from '../../src/providers/registry';
import { probeDelayMs } from './probe-schedule';
import { grantTimes } from './store-refreshed-tokens';
import type { CredentialRow } from '../../workflows/contract/status';

interface InspectDeps {
  pool: Pool;
  registry: Registry;
}

/**
 * Reads the credential's row, less its tokens. Where nobody has said yet when the provider is to be asked about the
 * token, or the provider can't be asked any more, that is written first; and so is when the grant ends, where only the
 * declaration says.
 *
 * @returns null where there is none
 */
export function createInspectCredential({ pool, registry }: InspectDeps) {
  return async function inspectCredential(input: {
    credentialId: string;
  }): Promise<CredentialRow | null> {
    const { credentialId: id } = input;
    const row = await readCredential(pool, id);
    if (row === null) return null;
    const provider = registry.get(row.provider);
    const isForeseen = await foreseeEnd(pool, id, provider?.oauth ?? {});
    const delayMs = probeDelayMs(provider ?? {}, Math.random());
    // Without a declared probe an event of the provider's may have it asked once, at its account address.
    const mayBeAsked = provider !== undefined && probeAddress(provider) !== undefined;
    const isScheduled = row.probeAt === null ? delayMs === null : mayBeAsked;
    if (!isScheduled) {
      // An event of the provider's may have hastened the question meanwhile.
      await scheduleProbe(pool, { id, version: row.version }, delayMs, row.probeAt !== null);
    }
    return isScheduled && !isForeseen ? row : readCredential(pool, id);
  };
}

type Lifetimes = Pick<OAuthDeclaration, 'refreshExpiresInSeconds' | 'consentExpiresInSeconds'>;

/** Tokens that the application brought, or that are older than the declaration. @returns whether it wrote anything */
async function foreseeEnd(pool: Pool, id: string, lifetimes: Lifetimes): Promise<boolean> {
  const { refreshExpiresInSeconds, consentExpiresInSeconds } = lifetimes;
  if ((refreshExpiresInSeconds ?? consentExpiresInSeconds) === undefined) return false;
  const row = await readRefreshable(pool, id);
  if (row === null || row.grantEndsInMs !== null) return false;
  const { consentedAt, before } = grantTimes(row, new Date());
  const at = before.obtainedAt;
  const known = row.refreshToken === null ? null : before;
  const end = grantEnd(lifetimes, {}, { at, consentedAt, before: known });
  if (end === null) return false;
  const dueAt = known === null ? undefined : refreshAt(at, undefined, Math.random(), end);
  await storeForeseenEnd(pool, { id, version: row.version, end, refreshAt: dueAt ?? null });
  return true;
}
