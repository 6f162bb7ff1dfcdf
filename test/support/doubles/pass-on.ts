import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http';

/**
 * Passes a request on as it came, and its answer back, streams of events too.
 * @param headers in place of the answer's own of those names
 */
export function passOn(
  asked: IncomingMessage,
  answer: ServerResponse,
  address: string,
  headers: OutgoingHttpHeaders = {},
): void {
  const onward = request(address, { method: asked.method, headers: asked.headers }, (answered) => {
    answer.writeHead(answered.statusCode ?? 502, { ...answered.headers, ...headers });
    // Streams of events are passed on as they come.
    answer.flushHeaders();
    answered.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  answer.on('close', () => onward.destroy());
  asked.pipe(onward);
}
