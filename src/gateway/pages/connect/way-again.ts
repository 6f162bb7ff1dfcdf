import { randomToken, sha256 } from '../../../crypto/hash';
import type { OAuthState } from '../../../db/queries/people/oauth-states';
import { renewReconnectCode } from '../../../db/queries/people/reconnect-codes';
import type { Way } from '../../../web/pages/message';
import type { GatewayConfig, Rows, Settings } from '../../deps';
import { codePath, startPath, wayBack } from '../links';
import { wayIn } from '../sign-in';

type Began = Pick<OAuthState, 'integrationId' | 'reconnectCodeHash'>;

/** Where a person tries to connect once more, after what has failed. */
export async function wayAgain(
  deps: Rows & Settings,
  provider: string,
  journey: Began & Pick<OAuthState, 'credentialName'>,
): Promise<Way | undefined> {
  if (journey.reconnectCodeHash !== null) return codeAgain(deps, journey);
  const { integrationId, credentialName } = journey;
  const href = startPath(deps.config, provider, integrationId, credentialName);
  return { href, label: 'Try again' };
}

/**
 * Who came by a code has used it up with the click, and the address of its page isn't known here: they, and nobody else who
 * has the notification, get another for what is left of its time.
 */
export async function codeAgain(
  { pool, config }: Rows & Settings,
  {
    integrationId,
    reconnectCodeHash,
  }: { integrationId: string | undefined } & Pick<Began, 'reconnectCodeHash'>,
): Promise<Way | undefined> {
  if (integrationId === undefined || !reconnectCodeHash) return undefined;
  const code = randomToken(32);
  if (!(await renewReconnectCode(pool, reconnectCodeHash, sha256(code)))) return undefined;
  return { href: codePath(config, integrationId, code), label: 'Try again' };
}

/** Where a person goes on from a journey. Who came by a code has no session, and so no connections to look at. */
export const wayOut = (
  config: GatewayConfig,
  { reconnectCodeHash, returnTo }: Pick<OAuthState, 'reconnectCodeHash' | 'returnTo'>,
): Way => (reconnectCodeHash === null ? wayBack(config, returnTo) : wayIn(config));
