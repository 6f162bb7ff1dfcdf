import type { HandlerResult } from './attempt-result';
import type { TokenError } from '../credentials/token-errors';

/** What an error about the token means for the delivery that met it: it waits. */
export function tokenResult(error: TokenError): HandlerResult {
  const { message, credential } = error;
  switch (error.name) {
    case 'CredentialDeadError': {
      const { version, code } = error;
      return { kind: 'credential_dead', error: message, credential, version, code };
    }
    case 'RefreshUnavailableError': {
      const { version, retryAt } = error;
      return { kind: 'refresh_unavailable', error: message, credential, version, retryAt };
    }
  }
}
