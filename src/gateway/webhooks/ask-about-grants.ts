import { hastenQuestions } from '../../db/queries/credentials/death-events';
import { messageOf } from '../../lib/errors';
import { probeAddress } from '../../oauth/probe';
import { wakeActors } from '../operations/signal-actors';
import type { ActorSignals, Providers, Rows } from '../deps';

/** Never fails: the event is stored, and the grant's own times find its death later. */
export type AskAboutGrants = (integrationIds: readonly string[]) => Promise<void>;

/**
 * Has the actors ask the provider at once whether the grants of these integrations live, because an event of the
 * provider's says that one is gone. The event alone ends nothing: it may be about another user's.
 */
export function createAskAboutGrants(deps: Rows & Providers & ActorSignals): AskAboutGrants {
  const { pool, registry, actors, log } = deps;
  const askable = registry.names().filter((name) => {
    const provider = registry.get(name);
    return provider !== undefined && probeAddress(provider) !== undefined;
  });

  return async (integrationIds) => {
    try {
      const hastened = await hastenQuestions(pool, integrationIds, askable);
      if (hastened.length === 0) return;
      log.info(
        { event: 'credential.death_foretold', credentialIds: hastened.map(({ id }) => id) },
        'A provider says that a grant is gone, and is asked about it',
      );
      // No sender waits for it: the sweep finds what is due.
      void wakeActors(
        log,
        hastened.map(
          ({ id, version }) =>
            () =>
              actors.lookAtCredential(id, version, 'hastened'),
        ),
      );
    } catch (error) {
      log.warn(
        { event: 'credential.death_not_asked', integrationIds, err: messageOf(error) },
        'A provider could not be asked about a grant that it says is gone',
      );
    }
  };
}
