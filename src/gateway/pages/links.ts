import type { FastifyRequest } from 'fastify';
import type { Way } from '../../web/pages/message';
import type { GatewayConfig, Rows, Settings } from '../deps';
import { browserSession } from '../http/browser-session';
import { ownPath } from '../http/own-path';
import { allowedReturn } from '../http/return-to';
import { wayIn } from './sign-in';

/**
 * Where a person with a session begins to connect a credential; the worst one where none is named.
 */
export function startPath(
  config: GatewayConfig,
  provider: string,
  integrationId: string,
  credential?: string,
): string {
  const query = new URLSearchParams({ integration: integrationId });
  if (credential !== undefined) query.set('credential', credential);
  return ownPath(config, `/oauth/${encodeURIComponent(provider)}/start?${query.toString()}`);
}

/** The same by way of a page, which goes on by itself. */
export const byPage = (start: string): string => `${start}&via=page`;

/** The provider asks them again, whatever it remembers. @param way to where a person begins to connect */
export const withConsent = ({ href, label }: Way): Way => ({
  href: `${href}&consent=again`,
  label,
});

/** Where a person begins who may have no session, and whatever needs them most is connected. */
export const reconnectPath = (config: GatewayConfig, integrationId: string): string =>
  ownPath(config, `/reconnect/${integrationId}`);

/** Where a person says whether it is their account that has come, and sees what became of it. */
export const confirmPath = (config: GatewayConfig, provider: string, code: string): string =>
  ownPath(config, `/oauth/${encodeURIComponent(provider)}/confirm?confirmation=${code}`);
/** The same for whoever has that code. */
export const codePath = (config: GatewayConfig, integrationId: string, code: string): string =>
  `${reconnectPath(config, integrationId)}?code=${encodeURIComponent(code)}`;

/** Back to where a person came from; undefined where that is not known, or not allowed any more. */
export function backToApp(config: GatewayConfig, returnTo: string | null): Way | undefined {
  const href = allowedReturn(returnTo, config);
  return href === undefined ? undefined : { href, label: `Back to ${config.appName}` };
}

/** Back to where a person came from, else to their connections. */
export const wayBack = (config: GatewayConfig, returnTo: string | null): Way =>
  backToApp(config, returnTo) ?? { href: ownPath(config, '/'), label: 'Your connections' };

/** Where whoever sits at this browser goes on from a page that belongs to no journey. */
export async function wayOn(deps: Rows & Settings, request: FastifyRequest): Promise<Way> {
  const session = await browserSession(deps, request);
  return session === undefined ? wayIn(deps.config) : wayBack(deps.config, session.returnTo);
}

/** Browsers may be sent on to plain http: the public address is plain http itself. */
export const isPlainHttp = ({ publicUrl }: GatewayConfig): boolean => publicUrl.startsWith('http:');
