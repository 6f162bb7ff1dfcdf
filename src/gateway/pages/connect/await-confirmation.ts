import type { FastifyRequest } from 'fastify';
import { sha256 } from '../../../crypto/hash';
import type { IntegrationCredential } from '../../../db/queries/credentials/of-integration';
import type { NewGrant } from '../../../db/queries/credentials/store-tokens';
import { insertConfirmation, readBrought } from '../../../db/queries/people/confirmations';
import type { OAuthState } from '../../../db/queries/people/oauth-states';
import { namedAccount, sealGrant } from '../../../db/queries/people/waiting-grant';
import type { Session } from '../../../db/queries/people/sessions';
import type { Encryption, GatewayConfig, Rows, Settings } from '../../deps';
import { returnToApplication } from '../../http/return-to';
import { stateCookie } from '../../http/cookies';
import { noWayToConfirm, otherSession } from './confirmation-ends';
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
  state: string;
  browserHash: Buffer;
}

/**
 * Follows from the state, so that whoever comes back by it once more, since the answer was lost or by the back button, is led
 * on. Nobody else profits: the page asks for the cookie, the API for a key.
 */
const codeOf = (state: string): string =>
  sha256(`holdfast.confirmation ${state}`).toString('base64url');

/**
 * Has tokens wait, outside of the credential, until somebody says whose account it is: who set out may have been sent the
 * link by the one whose integration it is.
 * @throws PageFailure where nobody could confirm it, its session has ended, or nothing is there to connect any more
 */
export async function awaitConfirmation(
  { pool, envelope, config }: Rows & Settings & Encryption,
  journey: OAuthState,
  { credential, grant, state, browserHash }: Came,
): Promise<Confirming> {
  const { provider, integrationId, credentialName, credentialId, returnTo, confirm } = journey;
  const code = codeOf(state);
  const codeHash = sha256(code);
  const address = whereTo(config, { confirm, provider, returnTo }, code);
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

/**
 * Where a browser goes on whose state was used already.
 * @returns undefined where nothing that it has brought waits, or has waited
 * @throws PageFailure where it is somebody else's now
 */
export async function confirmingAgain(
  { pool, config }: Rows & Settings,
  request: FastifyRequest,
  { state, provider, session }: { state: string; provider: string; session: Session | undefined },
): Promise<(Confirming & { browser: string }) | undefined> {
  const code = codeOf(state);
  const codeHash = sha256(code);
  const cookies = [codeHash, sha256(state)].map((hash) => stateCookie(config.publicUrl, hash).name);
  const [browser] = cookies.flatMap((name) => request.cookies[name] ?? []);
  if (browser === undefined) return undefined;
  const brought = await readBrought(pool, { codeHash, browserHash: sha256(browser), provider });
  if (brought === undefined) return undefined;
  if (session !== undefined && session.userId !== brought.userId) {
    throw otherSession(config.appName, wayBack(config, session.returnTo));
  }
  const { confirm } = brought;
  const address = whereTo(config, { ...brought, provider }, code);
  if (address === undefined) return undefined;
  return { address, browser, bound: confirm === 'page' ? { codeHash } : undefined };
}

function whereTo(
  config: GatewayConfig,
  { confirm, provider, returnTo }: Pick<OAuthState, 'confirm' | 'provider' | 'returnTo'>,
  code: string,
): string | undefined {
  if (confirm === 'page') return confirmPath(config, provider, code);
  const application = returnToApplication(returnTo, config);
  if (application === undefined) return undefined;
  const address = new URL(application);
  address.searchParams.set('confirmation', code);
  return address.href;
}
