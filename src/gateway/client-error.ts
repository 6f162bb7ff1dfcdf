import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { type ErrorCode, errorStatuses } from '../errors';

function refusal(code: string | undefined): { code: ErrorCode; message: string } {
  return code === 'HPE_HEADER_OVERFLOW'
    ? { code: 'headers_too_large', message: 'The headers are over the size limit.' }
    : { code: 'invalid_request', message: 'This is not a complete HTTP request.' };
}

/** Answers what Node's parser refused, before there is a request that a route could see. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code !== 'ECONNRESET' && socket.writable) {
    const answer = refusal(error.code);
    const status = errorStatuses[answer.code];
    const body = JSON.stringify({ error: answer });
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy();
}
