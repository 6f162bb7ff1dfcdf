/** Why there is no whole answer. Says nothing about whether the request had been sent. */
export type FailureCode =
  | 'connection_refused'
  | 'connection_lost'
  | 'dns'
  | 'tls'
  | 'connect_timeout'
  | 'timeout'
  | 'aborted'
  | 'unreadable_answer'
  | 'answer_too_large'
  | 'insecure_address'
  | 'address_not_allowed'
  | 'called_off'
  | 'network';

const byErrorCode: Readonly<Record<string, FailureCode>> = {
  ECONNREFUSED: 'connection_refused',
  EHOSTUNREACH: 'connection_refused',
  ENETUNREACH: 'connection_refused',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
  UND_ERR_SOCKET: 'connection_lost',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'connection_lost',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  EPROTO: 'tls',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  ETIMEDOUT: 'connect_timeout',
  HTTPParserError: 'unreadable_answer',
  UND_ERR_HEADERS_OVERFLOW: 'unreadable_answer',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'answer_too_large',
  AddressNotAllowedError: 'address_not_allowed',
};

/** OpenSSL's verification results and Node's own TLS codes: a family, not a list. */
const tlsCode = /^(ERR_SSL_|ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** @param signal the one that may have ended the request: its reason goes before the error's code */
export function failureCode(error: unknown, signal: AbortSignal): FailureCode {
  if (signal.aborted) return isTimeout(signal.reason) ? 'timeout' : 'aborted';
  for (const code of codesOf(error)) {
    const known = byErrorCode[code];
    if (known !== undefined) return known;
    if (tlsCode.test(code)) return 'tls';
  }
  return 'network';
}

function isTimeout(reason: unknown): boolean {
  return isObject(reason) && reason['name'] === 'TimeoutError';
}

/** The codes and names of an error, of its causes, and of the attempts of happy eyeballs (AggregateError). */
function codesOf(error: unknown): string[] {
  if (!isObject(error)) return [];
  const { code, name, errors, cause } = error;
  const own = [code, name].filter((text) => typeof text === 'string');
  const attempts: unknown[] = Array.isArray(errors) ? errors : [];
  return [...own, ...attempts.flatMap(codesOf), ...codesOf(cause)];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
