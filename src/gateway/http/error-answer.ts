import type { FastifyError } from 'fastify';
import { EnvelopeError } from '../../crypto/envelope';
import { isDatabaseUnavailable } from '../../db/error-classes';
import { type ErrorCode, HoldfastError } from '../../lib/errors';
import { validationSentence } from './validation-sentence';

/** What a client is told about an error. */
export interface ErrorAnswer {
  status: number;
  code: ErrorCode;
  message: string;
  retryAfterSeconds?: number | undefined;
}

const databaseRetrySeconds = 2;
/** A process with the new key is being started. */
const sealingKeyRetrySeconds = 30;

const jsonErrors = new Set(['FST_ERR_CTP_INVALID_JSON_BODY', 'FST_ERR_CTP_EMPTY_JSON_BODY']);

/** Pure: any error that a route, a plugin or Fastify itself threw. Only its own sentences get out. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof HoldfastError) {
    const { status, code, message, retryAfterSeconds } = error;
    return { status, code, message, retryAfterSeconds };
  }
  const fromFastify = fastifyAnswer(error);
  if (fromFastify !== undefined) return fromFastify;
  if (isDatabaseUnavailable(error)) {
    return {
      status: 503,
      code: 'database_unavailable',
      message: 'The database does not answer at the moment. Send the request again later.',
      retryAfterSeconds: databaseRetrySeconds,
    };
  }
  if (error instanceof EnvelopeError) {
    return {
      status: 503,
      code: 'sealing_key_unavailable',
      message: 'What is stored can not be opened with the keys of this process. Its log says more.',
      retryAfterSeconds: sealingKeyRetrySeconds,
    };
  }
  return {
    status: 500,
    code: 'internal',
    message: 'Something went wrong in Holdfast. Its log says what.',
  };
}

function fastifyAnswer(error: unknown): ErrorAnswer | undefined {
  if (!(error instanceof Error)) return undefined;
  const { statusCode, code, validation, validationContext } = error as Partial<FastifyError>;
  if (validation !== undefined && validation.length > 0) {
    const message = validationSentence(validation, validationContext ?? 'request');
    return { status: 400, code: 'invalid_request', message };
  }
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return undefined;
  if (statusCode === 413) {
    return { status: 413, code: 'body_too_large', message: 'The body is over the size limit.' };
  }
  if (statusCode === 415) {
    return {
      status: 415,
      code: 'unsupported_media_type',
      message: 'The body must be sent as application/json.',
    };
  }
  if (statusCode === 404) {
    return { status: 404, code: 'not_found', message: 'There is nothing at this address.' };
  }
  // The parser's own message quotes the body, which may hold a secret.
  if (error instanceof SyntaxError || jsonErrors.has(code ?? '')) {
    return { status: 400, code: 'invalid_json', message: 'The body is not valid JSON.' };
  }
  return { status: 400, code: 'invalid_request', message: 'The request is malformed.' };
}
