import type { Envelope } from '../../src/crypto/envelope';
import { storeTokenRejection } from '../../src/db/queries/credentials/token-rejections';
import type { RefreshableCredential } from '../../src/db/queries/credentials/row';
import type { ProbeVerdict } from '../../src/oauth/probe';
import type { Registry } from '../../src/providers/registry';
import { askProvider } from './probe';
import { invalidateCredential, type InvalidateDeps } from './invalidate';
import { rejectionPlan } from './token-rejection-streak';

export type RejectionDeps = InvalidateDeps & { envelope: Envelope; registry: Registry };

/** While the provider can't confirm what its API says, it goes on being asked this often. */
const unconfirmedDelayMs = 20 * 60_000;

/**
 * What the API's rejection of a token comes to that no refresh helps against: a pause before it is tried again,
 * which for an hour changes no status, or death.
 *
 * @param confirm a single 401 is no proof where there is no refresh token to answer for the grant
 * @returns when to try again, or null where the credential died of it
 */
export async function handle401(
  deps: RejectionDeps,
  id: string,
  row: RefreshableCredential,
  confirm: boolean,
): Promise<Date | null> {
  const { version } = row;
  if (row.rejectedLeftMs !== null && row.rejectedLeftMs > 0) return inMs(row.rejectedLeftMs);
  const verdict = confirm ? await ask(deps, id, row) : 'unasked';
  if (verdict === 'refused') {
    await invalidateCredential(deps, { credentialId: id, version, code: 'revoked' });
    return null;
  }
  const plan = rejectionPlan(row, Math.random());
  if (plan.kind === 'over' && verdict !== 'unknown') {
    await invalidateCredential(deps, { credentialId: id, version, code: 'access_refused' });
    return null;
  }
  const { isFirst, delayMs } =
    plan.kind === 'wait' ? plan : { isFirst: false, delayMs: unconfirmedDelayMs };
  await storeTokenRejection(deps.pool, { id, version, isFirst, delayMs, code: 'access_refused' });
  return inMs(delayMs);
}

async function ask(
  { envelope, registry }: RejectionDeps,
  id: string,
  row: RefreshableCredential,
): Promise<ProbeVerdict> {
  const provider = registry.get(row.provider);
  return provider === undefined ? 'unasked' : askProvider(envelope, provider, id, row);
}

const inMs = (ms: number): Date => new Date(Date.now() + ms);
