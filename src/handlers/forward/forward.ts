import type { Readable } from 'node:stream';
import { request as send, type Dispatcher } from 'undici';
import { AddressNotAllowedError } from '../../destinations/address-not-allowed-error';
import { startDeadline, type Deadline, untilAborted } from '../../lib/abort';
import { messageOf } from '../../lib/errors';
import { failureCode } from '../../lib/http/failure-code';
import { traceHeaderNames, traceHeaders } from '../../tracing/traceparent';
import { signStandardWebhook } from '../../webhooks/signature';
import type { HeaderList } from '../../webhooks/stored-headers';
import { viaHeader, viaThrough } from '../../webhooks/via';
import {
  responseExcerpt,
  classifyAnswer,
  permanentFailure,
  transientFailure,
  type ForwardResult,
} from '../attempt-result';
import type { StoredDelivery } from '../custom/delivery';
import { CalledOffError, fencedBody } from './fenced-body';
import { originalHeaders } from './original-headers';

export interface ForwardOptions {
  /** Connects to destinations; which addresses it may reach is its business. */
  dispatcher: Dispatcher;
  /** Ends the exchange without a result (the lease or the process ends). */
  signal: AbortSignal;
  /** For the whole exchange, connecting included. */
  timeoutMs: number;
  /** Called right before bytes leave. Where it throws (the lease is over), no request is made. */
  beforeSend(): void;
}

/** Posts a delivery to its destination (contract, "Forwarding"). Redirects are not followed. */
export async function forward(
  request: ForwardRequest,
  options: ForwardOptions,
): Promise<ForwardResult> {
  if (!isWebAddress(request.destinationUrl))
    return permanentFailure('The destination is no web address');
  let headers;
  try {
    headers = forwardHeaders(request, new Date(), traceHeaders());
  } catch (error) {
    return permanentFailure(messageOf(error));
  }
  const deadline = startDeadline(options.timeoutMs, options.signal);
  try {
    return await exchange(request, headers, options, deadline);
  } finally {
    deadline.clear();
  }
}

async function exchange(
  request: ForwardRequest,
  headers: string[],
  options: ForwardOptions,
  deadline: Deadline,
): Promise<ForwardResult> {
  const body = fencedBody(request.delivery.body, () => options.beforeSend());
  try {
    const sent = send(request.destinationUrl, {
      dispatcher: options.dispatcher,
      method: 'POST',
      headers,
      // undici takes any iterable; its types name only the streams. A stream would read ahead, and
      // so ask before there is a connection.
      body: body as unknown as Readable,
      signal: deadline.signal,
    });
    const answer = await untilAborted(sent, deadline.signal);
    return classifyAnswer(
      {
        status: answer.statusCode,
        retryAfter: sole(answer.headers['retry-after']),
        answer: await responseExcerpt(answer.body, sole(answer.headers['content-encoding'])),
      },
      new Date(),
    );
  } catch (error) {
    if (error instanceof CalledOffError || options.signal.aborted) return { kind: 'aborted' };
    if (error instanceof AddressNotAllowedError) return addressNotAllowed(error);
    if (isInvalidArgument(error))
      return permanentFailure('The delivery has headers that can not be sent');
    if (deadline.isOver()) {
      return transientFailure(`The destination did not answer within ${options.timeoutMs} ms`);
    }
    const code = failureCode(error, deadline.signal);
    return transientFailure(`The destination could not be reached: ${code}`);
  }
}

/** A wrong answer of the DNS may pass, and is nothing that the sender did. */
function addressNotAllowed({ message, isLiteral }: AddressNotAllowedError): ForwardResult {
  const sentence = `The destination could not be reached: ${message}`;
  return isLiteral ? permanentFailure(sentence) : transientFailure(sentence);
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function isInvalidArgument(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UND_ERR_INVALID_ARG';
}

function sole(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/**
 * The headers of a forwarded delivery, name, value, name, value, …
 * @param traced those by which the destination goes on with our trace, in place of its sender's
 * @throws Error where it can't be signed
 */
function forwardHeaders(request: ForwardRequest, now: Date, traced: HeaderList): string[] {
  const { delivery, secrets, credentialVersion, installationId } = request;
  const signature = signStandardWebhook({ id: delivery.id, body: delivery.body, secrets, now });
  const headers: HeaderList = [
    ...originalHeaders(delivery.headers, traced.length === 0 ? [] : traceHeaderNames),
    ...traced,
    ['content-length', String(delivery.body.length)],
    ...Object.entries(signature),
    ['holdfast-integration', delivery.integrationId],
    // Percent-encoded: a header can't hold everything that an id may.
    ['holdfast-user', encodeURIComponent(delivery.userId)],
    ['holdfast-provider', delivery.provider],
    ['holdfast-received-at', delivery.receivedAt.toISOString()],
    ['holdfast-attempt', String(delivery.attempt)],
    ['holdfast-sequence', request.sequence],
    [viaHeader, viaThrough(delivery.headers, installationId)],
  ];
  const version: HeaderList =
    credentialVersion === null ? [] : [['holdfast-credential-version', String(credentialVersion)]];
  return [...headers, ...version].flat();
}

/** A delivery on its way to its destination. */
export interface ForwardRequest {
  delivery: StoredDelivery;
  destinationUrl: string;
  /** `whsec_…`; each of them signs. */
  secrets: readonly string[];
  /** Decimal digits; rises in the order of receipt for one integration. */
  sequence: string;
  /** What this installation is called in `holdfast-via`. */
  installationId: string;
  /** Null where the integration has no credential. */
  credentialVersion: number | null;
}
