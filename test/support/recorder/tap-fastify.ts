import { subscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Exchange, secretsOf } from './exchange';
import { noteSecret, noteText } from './record';
import { markFastify } from './server-roles';

/**
 * Reads along in every gateway and playground of this process, also where a test injects requests:
 * notes the secrets of the exchanges, and keeps the error answers.
 */
export function tapFastify(): void {
  subscribe('fastify.initialization', (message) => {
    const { fastify } = message as { fastify: FastifyInstance };
    markFastify(fastify.server);
    fastify.addHook('onSend', (request, reply, payload, done) => {
      const exchange: Exchange = {
        path: request.url,
        requestHeaders: request.headers,
        requestBody: bytesOf(request),
        responseHeaders: reply.getHeaders(),
        responseBody: isBytes(payload) ? Buffer.from(payload as string) : Buffer.alloc(0),
      };
      for (const { kind, value } of secretsOf(exchange)) noteSecret(kind, value);
      if (reply.statusCode >= 400 && !isPlayground(fastify)) {
        noteText('error answer', exchange.responseBody);
      }
      if (isForApplication(request)) {
        noteText('request to an application', JSON.stringify(request.headers));
      }
      done(null, payload);
    });
  });
}

const isBytes = (value: unknown) => typeof value === 'string' || value instanceof Uint8Array;

function bytesOf({ body, headers }: FastifyRequest): Buffer {
  if (isBytes(body)) return Buffer.from(body as string);
  if (typeof body !== 'object' || body === null) return Buffer.alloc(0);
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  const text = isForm
    ? new URLSearchParams(body as Record<string, string>).toString()
    : JSON.stringify(body);
  return Buffer.from(text);
}

/** It is the provider, too: its error answers are a token endpoint's. */
const isPlayground = (app: FastifyInstance) => app.hasRoute({ method: 'POST', url: '/app/hook' });

/** The playground is the application, too: it gets what is forwarded. */
const isForApplication = ({ headers }: FastifyRequest) => 'holdfast-sequence' in headers;
