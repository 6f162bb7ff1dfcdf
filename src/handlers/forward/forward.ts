import type { Readable } from 'node:stream';
import { request as send, type Dispatcher } from 'undici';
import { messageOf } from '../../lib/errors';
import { failureCode } from '../../lib/http/failure-code';
import { answerExcerpt } from './response-excerpt';
import { startDeadline, type Deadline, untilAborted } from '../../lib/abort';
import { forwardHeaders, type ForwardRequest } from './headers';
import { CalledOffError, guardedBody } from './fenced-body';
import { classifyAnswer, hopeless, unanswered, type ForwardResult } from '../attempt-result';
import { RefusedAddressError } from '../../destinations/address-not-allowed-error';

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
  if (!isWebAddress(request.destinationUrl)) return hopeless('The destination is no web address');
  let headers;
  try {
    headers = forwardHeaders(request, new Date());
  } catch (error) {
    return hopeless(messageOf(error));
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
  const body = guardedBody(request.delivery.body, () => options.beforeSend());
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
        answer: await answerExcerpt(answer.body, sole(answer.headers['content-encoding'])),
      },
      new Date(),
    );
  } catch (error) {
    if (error instanceof CalledOffError || options.signal.aborted) return { kind: 'aborted' };
    if (error instanceof RefusedAddressError) return refusedAddress(error);
    if (isInvalidArgument(error)) return hopeless('The delivery has headers that can not be sent');
    if (deadline.isOver()) {
      return unanswered(`The destination did not answer within ${options.timeoutMs} ms`);
    }
    const code = failureCode(error, deadline.signal);
    return unanswered(`The destination could not be reached: ${code}`);
  }
}

/** A wrong answer of the DNS may pass, and is nothing that the sender did. */
function refusedAddress({ message, isLiteral }: RefusedAddressError): ForwardResult {
  const sentence = `The destination could not be reached: ${message}`;
  return isLiteral ? hopeless(sentence) : unanswered(sentence);
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
