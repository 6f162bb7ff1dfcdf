import type { RefreshAnswer, RefreshRequest } from '../../../../workflows/contract/messages';
import {
  isHeldGoodEnough,
  leftMs,
  needsRenewal,
  usableToken,
} from '../../../credentials/decide-token';
import type { IntegrationCredential } from '../../../db/queries/credentials/of-integration';
import { HoldfastError } from '../../../lib/errors';
import type { ActorUpdates, Encryption, Rows } from '../../deps';
import { findCredential } from '../../operations/find-credential';
import { waitAtMost } from '../../../lib/timing';

export interface AccessToken {
  accessToken: string;
  /** RFC 3339; null where the provider doesn't say. */
  expiresAt: string | null;
  version: number;
}

/** A token is read, decrypted and, if need be, asked for. */
export type TokenDeps = Rows & Encryption & ActorUpdates;

/** A caller with a token that is still good isn't kept waiting for a better one. */
const patienceMs = 5_000;
const retryAfterSeconds = 5;

/**
 * An access token that works, refreshed first if it is about to end; one that is still good is given
 * out if that fails.
 * @throws HoldfastError `integration_not_found`, `credential_not_found`, `credential_dead` (424),
 * `refresh_unavailable`
 */
export async function giveToken(deps: TokenDeps, id: string, name: string): Promise<AccessToken> {
  const held = await findCredential(deps.pool, id, name);
  const token = open(deps, held);
  if (!needsRenewal(held, 0)) return token;
  // Not as rejected: without a refresh token that would end a grant whose token still lives.
  const refreshing = refresh(deps, held, {});
  const answer = await waitAtMost(refreshing, Math.min(leftMs(held), patienceMs));
  // Looked at again: it may have ended meanwhile.
  if (isHeldGoodEnough(answer, leftMs(held))) return token;
  const refreshed = answer ?? (await refreshing);
  // Whoever joined a refresh may hear of one that was over before this token ended.
  const isStale =
    refreshed.kind === 'alive' && refreshed.version <= held.version && leftMs(held) <= 0;
  return afterRefresh(deps, held, isStale ? await refresh(deps, held, {}) : refreshed);
}

/**
 * Another token than the one that the provider's API refused.
 * @throws HoldfastError as `giveToken`, and `invalid_request` for a version that never was
 */
export async function replaceToken(
  deps: TokenDeps,
  id: string,
  name: string,
  rejectedVersion: number,
): Promise<AccessToken> {
  const held = await findCredential(deps.pool, id, name);
  if (rejectedVersion > held.version) {
    throw new HoldfastError(
      'invalid_request',
      `There is no version ${rejectedVersion}; the newest is ${held.version}.`,
    );
  }
  if (rejectedVersion < held.version) return giveToken(deps, id, name);
  open(deps, held);
  return afterRefresh(deps, held, await refresh(deps, held, { rejectedVersion }));
}

type Answer = RefreshAnswer | { kind: 'unavailable'; cause: unknown };

/**
 * Never rejects: the caller may have stopped waiting. An update waits for its actor for a minute; that there
 * is no Temporal is said at once.
 */
function refresh(
  { actors, pingTemporal }: ActorUpdates,
  { credentialId }: IntegrationCredential,
  request: RefreshRequest,
): Promise<Answer> {
  return pingTemporal()
    .then(() => actors.refresh(credentialId, request))
    .catch((cause: unknown) => ({ kind: 'unavailable' as const, cause }));
}

async function afterRefresh(
  deps: TokenDeps,
  held: IntegrationCredential,
  answer: Answer,
): Promise<AccessToken> {
  if (answer.kind === 'alive') {
    return open(deps, await findCredential(deps.pool, held.integrationId, held.name));
  }
  if (answer.kind === 'dead') throw dead(held.name, answer.code);
  throw new HoldfastError(
    'refresh_unavailable',
    'The token could not be refreshed just now. Ask again later.',
    'retryAt' in answer
      ? { retryAfterSeconds: secondsUntil(answer.retryAt) }
      : { retryAfterSeconds, cause: answer.cause },
  );
}

function open({ envelope }: Encryption, held: IntegrationCredential): AccessToken {
  const { credentialId, expiresAt, version } = held;
  const sealed = usableToken(held);
  if (sealed === null) throw dead(held.name, held.code ?? 'not_connected');
  return {
    accessToken: envelope.open(sealed, `credentials.access_token:${credentialId}`),
    expiresAt: expiresAt?.toISOString() ?? null,
    version,
  };
}

function dead(name: string, code: string): HoldfastError {
  return new HoldfastError(
    'credential_dead',
    `The credential "${name}" can't be used (${code}): its user has to connect it again.`,
    { status: 424 },
  );
}

function secondsUntil(time: string): number {
  const seconds = Math.ceil((Date.parse(time) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? Math.max(1, seconds) : retryAfterSeconds;
}
