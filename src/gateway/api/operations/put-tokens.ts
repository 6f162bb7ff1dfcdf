import { isRotatedAway } from '../../../db/queries/credentials/same-grant';
import type { NewGrant } from '../../../db/queries/credentials/store-tokens';
import { loadTokenHash } from '../../../db/queries/encryption/hash-key';
import { HoldfastError } from '../../../lib/errors';
import type { Providers } from '../../deps';
import { findCredential } from '../../operations/find-credential';
import type { WriteAudit } from '../../operations/audit';
import { storeGrant } from '../../operations/store-grant';
import { askAboutTokens } from './ask-about-tokens';
import { joinSameGrant } from './join-grant';
import { type ShowDeps, showRefreshToken } from './show-refresh-token';

/** What a caller waits for a provider's answers, all in all. */
const patienceMs = 5_000;

/**
 * Stores tokens that the application gives, unless the provider refuses them. Where it doesn't answer in time, or there
 * is nothing to ask, they are stored unverified.
 *
 * @returns the version that they have
 * @throws HoldfastError `integration_not_found`, `credential_not_found`, `account_mismatch`, `parameters_mismatch`,
 * `tokens_rejected`, `refresh_unavailable`, `database_unavailable`
 */
export async function putTokens(
  deps: ShowDeps & Providers,
  { integrationId, name }: { integrationId: string; name: string },
  grant: NewGrant,
  resumes: boolean,
  record: WriteAudit,
): Promise<number> {
  const { pool, envelope } = deps;
  const until = performance.now() + patienceMs;
  const held = await findCredential(pool, integrationId, name);
  const accountId = grant.account?.id;
  if (accountId !== undefined && held.accountId !== null && held.accountId !== accountId) {
    throw accountMismatch();
  }
  // Before anything: what the provider is then shown, or what is stored, can't be taken back.
  await record(pool);
  const resume = resumes ? { integrationId, name: held.name } : undefined;
  const { refreshToken } = grant;
  const tokenHash = refreshToken === undefined ? null : await loadTokenHash(pool, envelope);
  if (refreshToken !== undefined && tokenHash !== null) {
    const given = { refreshToken, accountId, tokenHash, resume };
    const joined = await joinSameGrant(deps, held, given);
    if (joined !== undefined) return versionOf(joined);
    if (await isRotatedAway(pool, held, tokenHash(refreshToken))) {
      throw rejected('the provider has replaced this refresh token by another one');
    }
  }

  const provider = deps.registry.get(held.provider);
  const leftMs = () => Math.max(1, Math.floor(until - performance.now()));
  const { parameters } = held;
  const { verdict, account } = await askAboutTokens(provider, grant, {
    ...{ parameters, accountId: accountId ?? held.accountId, patienceMs: leftMs() },
  });
  if (account === 'another') throw accountMismatch();
  if (verdict === 'rejected') throw rejected('the provider refuses the access token');
  if (verdict === 'refresh' && provider !== undefined && refreshToken !== undefined) {
    const shown = { held, grant: { ...grant, refreshToken }, resume };
    const outcome = await showRefreshToken(deps, provider, shown, leftMs());
    if (outcome.kind !== 'not_shown') return versionOf(outcome);
  }
  const proof = { proven: verdict === 'accepted', accountProven: account === 'proven' };
  const proved = { ...grant, ...proof };
  return versionOf(await storeGrant(deps, provider, held, { grant: proved, resume }));
}

type Outcome =
  | Exclude<Awaited<ReturnType<typeof showRefreshToken>>, { kind: 'not_shown' }>
  | Exclude<Awaited<ReturnType<typeof joinSameGrant>>, undefined>;

function versionOf(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'stored':
    case 'joined':
      return outcome.version;
    case 'account_mismatch':
      throw accountMismatch();
    case 'parameters_mismatch':
      throw new HoldfastError(
        'parameters_mismatch',
        'Another credential of this user has this grant, for other parameters than these.',
      );
    case 'not_found':
      throw new HoldfastError('credential_not_found', 'The credential was deleted just now.');
    case 'rejected':
      throw rejected('the provider refuses the refresh token');
    case 'busy':
      throw new HoldfastError(
        'refresh_unavailable',
        'These tokens are just being refreshed. Send them again later.',
        { retryAfterSeconds: 5 },
      );
    case 'outdone':
      throw new HoldfastError(
        'refresh_unavailable',
        'Other tokens were stored meanwhile, and these were not. Send them again if they are to replace those.',
        { retryAfterSeconds: 5 },
      );
    case 'not_stored_yet':
      throw new HoldfastError(
        'database_unavailable',
        'The provider took the tokens, but they could not be stored yet; that goes on.',
        { retryAfterSeconds: 5 },
      );
  }
}

const accountMismatch = () =>
  new HoldfastError(
    'account_mismatch',
    'These tokens are of another account than the one that is connected: create another ' +
      'integration for it.',
  );

const rejected = (why: string) =>
  new HoldfastError('tokens_rejected', `Nothing was stored: ${why}.`);
