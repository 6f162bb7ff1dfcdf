import { Agent } from 'undici';
import type { GuardedConnector, GuardedDispatcher, Outgoing } from '../lib/http/guarded';
import { passingInterimAnswers } from '../lib/http/interim-answers';
import type { ConnectionRules } from './connection-rules';
import { guardedConnector } from './connector';
import { type Names, usualNames } from './look-up-names';

/**
 * Connections to destinations. Kept alive for a few seconds only: a destination that closes an idle connection in
 * the moment of a request costs that delivery an attempt.
 */
export function createDestinationAgent(
  rules: ConnectionRules,
  names: Names = usualNames,
): GuardedDispatcher {
  return agent(guardedConnector(rules, names), {
    keepAliveTimeout: 4000,
    keepAliveMaxTimeout: 4000,
    // Each exchange has a time limit of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** How requests to providers leave this process. */
export interface ProviderConnections {
  /** Where private addresses may be reached only if the rules allow it, or always: the provider's declaration says. */
  outgoing(declaration: { privateAddresses?: 'allow' }): Outgoing;
  close(): Promise<void>;
}

/** One for the process: connections are kept, for which nothing has to be closed before it ends. */
export function createProviderConnections(
  rules: ConnectionRules,
  names: Names = usualNames,
): ProviderConnections {
  const usual = outgoing(guardedConnector(rules, names));
  const selfHosted = outgoing(guardedConnector({ ...rules, privateDestinations: 'allow' }, names));
  return {
    outgoing: ({ privateAddresses }) => (privateAddresses === 'allow' ? selfHosted : usual),
    close: async () => {
      await Promise.all([usual, selfHosted].map(({ dispatcher }) => dispatcher.destroy()));
    },
  };
}

const outgoing = (connect: GuardedConnector): Outgoing => ({ connect, dispatcher: agent(connect) });

function agent(connect: GuardedConnector, options: Agent.Options = {}): GuardedDispatcher {
  const made: Agent = new Agent({ ...options, connect: passingInterimAnswers(connect) });
  return made as Agent & GuardedDispatcher;
}
