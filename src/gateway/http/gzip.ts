import { gzipSync } from 'node:zlib';
import type { FastifyReply } from 'fastify';

/** `gzip`, or anything, and not with the weight 0, which forbids it (RFC 9110, section 12.5.3). */
const takesGzip = /(?:^|,)\s*(?:gzip|\*)\s*(?!;\s*q=0(?:\.0*)?\s*(?:,|$))(?:;|,|$)/i;

/**
 * Sends a text in gzip to whoever takes it. Only for what repeats no words of the request: the size of what is sent
 * would tell them from a secret beside them.
 *
 * @param zipped the same text in gzip already, where it is sent again and again
 */
export function sendZipped(
  reply: FastifyReply,
  text: string | Buffer,
  zipped: () => Buffer = () => gzipSync(text),
): FastifyReply {
  reply.header('vary', 'accept-encoding');
  const accepted = reply.request.headers['accept-encoding'] ?? '';
  if (!takesGzip.test(accepted)) return reply.send(text);
  return reply.header('content-encoding', 'gzip').send(zipped());
}
