import { refreshTokenGrant } from 'openid-client';
import { HoldfastError } from '../lib/errors';
import { classifyRefresh, type RefreshOutcome } from './classify-refresh';
import { askTokenEndpoint } from './token-endpoint';
import { toTokenSet, type TokenSet } from './token-set';
import type { Parameters } from './server-metadata';
import type { Provider } from '../providers/provider';

export interface RefreshRequest {
  refreshToken: string;
  /** What fills the placeholders of the provider's addresses. */
  parameters?: Parameters;
  /** An earlier attempt with this refresh token was sent and never answered. */
  unansweredBefore: boolean;
}

export interface RefreshOptions {
  /** Gives up, also while connecting. There is no other time limit. */
  signal: AbortSignal;
  /**
   * Called with the connection open and nothing sent yet: the place to look at the clock. What it
   * throws calls the attempt off (`transient`, `called_off`, not unanswered).
   */
  beforeSend?: () => void;
}

export type RefreshResult = { kind: 'refreshed'; tokens: TokenSet } | RefreshOutcome;

/**
 * Presents a refresh token once (RFC 6749 section 6), never a second time on its own. Every outcome
 * is a value: nothing is thrown.
 */
export async function refreshTokens(
  provider: Provider,
  request: RefreshRequest,
  options: RefreshOptions,
): Promise<RefreshResult> {
  const asked = await askTokenEndpoint({
    provider,
    parameters: request.parameters ?? {},
    ...options,
    // Its validation could only lose tokens that already replaced the old ones.
    idToken: false,
    grant: (configuration) => refreshTokenGrant(configuration, request.refreshToken),
  });
  switch (asked.kind) {
    case 'tokens':
      return { kind: 'refreshed', tokens: toTokenSet(asked.response, asked.askedAt) };
    case 'observed': {
      const { refreshErrors = [] } = provider;
      return classifyRefresh(asked.observation, refreshErrors, request.unansweredBefore);
    }
    case 'invalid':
      return { kind: 'transient', code: 'invalid_token_answer', unanswered: true };
    case 'not_asked':
      // One connection's parameters that the declaration takes no longer are no fault of them all.
      return asked.error instanceof HoldfastError
        ? { kind: 'transient', code: 'invalid_parameters', unanswered: false }
        : { kind: 'app_fault', code: 'invalid_configuration' };
  }
}
