import { randomToken, sha256 } from '../../../crypto/hash';
import type { IntegrationCredential } from '../../../db/queries/credentials/of-integration';
import type { NewGrant } from '../../../db/queries/credentials/store-tokens';
import { insertConfirmation } from '../../../db/queries/people/confirmations';
import type { OAuthState } from '../../../db/queries/people/oauth-states';
import { namedAccount, sealGrant } from '../../../db/queries/people/waiting-grant';
import type { Encryption, Rows, Settings } from '../../deps';
import { returnToApplication } from '../../http/return-to';
import { noWayToConfirm } from './confirmation-ends';
import { notYours, signedOut } from './failures';
import { confirmPath, wayBack } from '../links';
import { wayIn } from '../sign-in';

/** How long tokens wait. */
const confirmationSeconds = 600;

/** Where a person goes next, and, where they confirm it here, by which browser it is bound. */
export interface Confirming {
  address: string;
  bound: { codeHash: Buffer } | undefined;
}

interface Came {
  credential: IntegrationCredential;
  grant: NewGrant;
  browserHash: Buffer;
}

/**
 * Has tokens wait, outside of the credential, until somebody says whose account it is: who set out may have been sent the
 * link by the one whose integration it is.
 * @throws PageFailure where nobody could confirm it, its session has ended, or nothing is there to connect any more
 */
export async function awaitConfirmation(
  { pool, envelope, config }: Rows & Settings & Encryption,
  journey: OAuthState,
  { credential, grant, browserHash }: Came,
): Promise<Confirming> {
  const { provider, integrationId, credentialName, credentialId, returnTo, confirm } = journey;
  const code = randomToken(32);
  const codeHash = sha256(code);
  const address =
    confirm === 'page'
      ? confirmPath(config, provider, code)
      : toApplication(returnToApplication(returnTo, config), code);
  const isOpen = await insertConfirmation(pool, {
    ...{ codeHash, browserHash, confirm, provider, returnTo, resume: journey.resume },
    ...{ userId: credential.userId, userLabel: journey.userLabel, sessionId: journey.sessionId },
    ...{ integrationId, credentialName, credentialId, accountId: namedAccount(grant)?.id ?? null },
    sealedGrant: sealGrant(envelope, codeHash, { grant, parameters: journey.parameters }),
    // What nobody can confirm is revoked by the next sweep.
    lifetimeSeconds: address === undefined ? 0 : confirmationSeconds,
  });
  if (isOpen === undefined) throw notYours(config.appName, wayBack(config, returnTo));
  if (address === undefined) throw noWayToConfirm(config.appName, wayBack(config, returnTo));
  if (!isOpen) throw signedOut(config.appName, wayIn(config));
  return { address, bound: confirm === 'page' ? { codeHash } : undefined };
}

function toApplication(returnTo: string | undefined, code: string): string | undefined {
  if (returnTo === undefined) return undefined;
  const address = new URL(returnTo);
  address.searchParams.set('confirmation', code);
  return address.href;
}
