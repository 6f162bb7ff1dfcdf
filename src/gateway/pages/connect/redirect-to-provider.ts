import type { FastifyReply } from 'fastify';
import { HoldfastError } from '../../../lib/errors';
import type { HeldCode } from '../../../db/queries/people/reconnect-codes';
import { DiscoveryError } from '../../../oauth/discovery';
import { checkDeclared } from '../../../providers/url-templates';
import type { Provider } from '../../../providers/provider';
import type { Way } from '../../../web/pages/message';
import { type Journey, sendToProvider } from './authorization';
import { providerSilent, unusableParameters } from './failures';
import type { Encryption, Rows, Settings } from '../../deps';
import { wayAgain, wayOut } from './way-again';

/**
 * Sends a person to the provider, with a page where that can't be done. Every parameter is checked, also
 * those of addresses that are needed only later, when a code was already used up.
 * @param byCode the code that this begins with, and the way to its page
 * @throws PageFailure
 */
export async function redirectToProvider(
  deps: Rows & Settings & Encryption,
  reply: FastifyReply,
  provider: Provider,
  journey: Journey,
  byCode?: { taking: HeldCode; page: Way },
): Promise<FastifyReply> {
  const { appName } = deps.config;
  const back = wayOut(deps.config, journey);
  try {
    checkDeclared(provider.oauth?.parameters, journey.parameters ?? {});
    return await sendToProvider(deps, reply, provider, journey, byCode?.taking);
  } catch (error) {
    if (error instanceof DiscoveryError) {
      // A code is not used up yet.
      const again = byCode?.page ?? (await wayAgain(deps, provider.name, journey));
      throw providerSilent(
        { provider: provider.label, appName, again, back },
        { reason: 'discovery_failed', cause: error },
      );
    }
    if (error instanceof HoldfastError && error.code === 'invalid_request') {
      throw unusableParameters(provider.label, appName, back, error);
    }
    throw error;
  }
}
