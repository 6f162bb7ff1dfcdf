import type { FastifyReply } from 'fastify';
import { HoldfastError } from '../errors';
import { DiscoveryError } from '../oauth/discovery';
import { checkDeclared } from '../providers/placeholders';
import type { Provider } from '../providers/provider';
import { type Journey, sendToProvider } from './authorization';
import { providerSilent, unusableParameters } from './connect-failures';
import type { GatewayDeps } from './deps';
import { startPath } from './start-path';

/**
 * Sends a person to the provider, with a page where that can't be done. Every parameter is checked, also
 * those of addresses that are needed only later, when a code was already used up.
 * @throws PageFailure
 */
export async function setOut(
  deps: Pick<GatewayDeps, 'pool' | 'envelope' | 'config'>,
  reply: FastifyReply,
  provider: Provider,
  journey: Journey,
): Promise<FastifyReply> {
  const { integrationId, credentialName } = journey;
  try {
    checkDeclared(provider.oauth?.parameters, journey.parameters ?? {});
    return await sendToProvider(deps, reply, provider, journey);
  } catch (error) {
    if (error instanceof DiscoveryError) {
      const href = startPath(provider.name, integrationId, credentialName);
      const because = { reason: 'discovery_failed', cause: error };
      throw providerSilent(provider.label, { href, label: 'Try again' }, because);
    }
    if (error instanceof HoldfastError && error.code === 'invalid_request') {
      throw unusableParameters(provider.label, deps.config.appName, error);
    }
    throw error;
  }
}
