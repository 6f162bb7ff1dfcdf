import type { RefreshRequest } from '../../../../workflows/contract/messages';
import {
  currentToken,
  replacedToken,
  type TokenDecision,
  type TokenNeeds,
} from '../../../credentials/current-token';
import type { IntegrationCredential } from '../../../db/queries/credentials/of-integration';
import { HoldfastError, messageOf } from '../../../lib/errors';
import type { ActorUpdates, Encryption, Rows } from '../../deps';
import { findCredential } from '../../operations/find-credential';

export interface AccessToken {
  accessToken: string;
  /** RFC 3339; null where the provider doesn't say. */
  expiresAt: string | null;
  version: number;
}

/** A token is read, decrypted and, if need be, asked for. */
export type TokenDeps = Rows & Encryption & ActorUpdates;

/** Hears of the credential whose token is asked for, once it is known. */
type OnFound = (credential: IntegrationCredential) => void;

/** Whatever life is left is the caller's to use, and who has a token that is still good isn't kept waiting. */
const needs: TokenNeeds = { tooShortMs: 0, patienceMs: 5_000 };
const retryAfterSeconds = 5;

/**
 * An access token that works, refreshed first if it is about to end; one that is still good is given
 * out if that fails.
 * @throws HoldfastError `integration_not_found`, `credential_not_found`, `credential_external`, `credential_dead` (424),
 * `refresh_unavailable`
 */
export async function giveToken(
  deps: TokenDeps,
  id: string,
  name: string,
  onFound: OnFound = () => undefined,
): Promise<AccessToken> {
  return open(deps, name, await currentToken(ways(deps, id, name, onFound), needs));
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
  onFound: OnFound = () => undefined,
): Promise<AccessToken> {
  const { read, refresh } = ways(deps, id, name, onFound);
  const readKnown = async () => {
    const held = await read();
    if (rejectedVersion <= held.version) return held;
    throw new HoldfastError(
      'invalid_request',
      `body.version: there is no version ${rejectedVersion}; the newest is ${held.version}.`,
    );
  };
  return open(
    deps,
    name,
    await replacedToken({ read: readKnown, refresh }, needs, rejectedVersion),
  );
}

const ways = (
  { pool, actors, pingTemporal }: TokenDeps,
  id: string,
  name: string,
  onFound: OnFound,
) => ({
  read: async () => {
    const credential = await findCredential(pool, id, name);
    onFound(credential);
    if (!credential.external) return credential;
    throw new HoldfastError(
      'credential_external',
      `The application keeps the tokens of the credential "${name}".`,
    );
  },
  refresh: async ({ credentialId }: IntegrationCredential, request: RefreshRequest) => {
    // An update waits for its actor for a minute; that there is no Temporal is said at once.
    await pingTemporal().catch((cause: unknown) => {
      throw new HoldfastError('temporal_unavailable', messageOf(cause), { cause });
    });
    return actors.refresh(credentialId, request);
  },
});

function open(
  { envelope }: Encryption,
  name: string,
  decision: TokenDecision<IntegrationCredential>,
): AccessToken {
  if (decision.kind === 'dead') throw dead(name, decision.code);
  if (decision.kind === 'unavailable') {
    const { retryAt, cause } = decision;
    throw new HoldfastError(
      'refresh_unavailable',
      'The token could not be refreshed just now. Ask again later.',
      {
        retryAfterSeconds: retryAt === undefined ? retryAfterSeconds : secondsUntil(retryAt),
        cause,
      },
    );
  }
  const { credentialId, expiresAt, version } = decision.row;
  return {
    accessToken: envelope.open(decision.sealed, `credentials.access_token:${credentialId}`),
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
