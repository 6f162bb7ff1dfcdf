import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type ErrorCode, errorStatuses } from '../../lib/errors';
import { newRequestId, requestIdHeader } from './request-id';
import { closeGently, endAfterAnswer, isEnding } from './lingering-close';

interface Refusal {
  code: ErrorCode;
  message: string;
}

/** By the codes of Node and of its parser. */
const refusals: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    code: 'request_timeout',
    message: 'The request took too long to arrive.',
  },
  HPE_HEADER_OVERFLOW: {
    code: 'headers_too_large',
    message: 'The headers are over the size limit.',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    code: 'body_too_large',
    message: 'The body is over the size limit.',
  },
};

const malformed: Refusal = {
  code: 'invalid_request',
  message: 'This is not a complete HTTP request.',
};

/** Answers what Node itself refused, before there is a request that a route could see. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (isEnding(socket)) return;
  const { _httpMessage: pending } = socket as Socket & { _httpMessage?: ServerResponse | null };
  if (error.code === 'ECONNRESET' || !socket.writable || pending?.headersSent === true) {
    socket.destroy();
    return;
  }
  if (pending?.req.complete === true) {
    // What is written now would be taken for the answer to that request. It is the last one.
    pending.setHeader('connection', 'close');
    endAfterAnswer(socket);
    return;
  }
  const answer = refusals[error.code ?? ''] ?? malformed;
  const status = errorStatuses[answer.code];
  const requestId = newRequestId();
  const body = JSON.stringify({ error: { ...answer, requestId } });
  socket.write(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\ncontent-type: application/json\r\n` +
      `${requestIdHeader}: ${requestId}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
  closeGently(socket);
}
