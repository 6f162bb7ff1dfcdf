import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { createCountedLines } from '../../lib/log/counted-lines';
import { errorStatuses, HoldfastError, messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/log';

interface Failure {
  code: string;
  /** The provider's own code, where its answer was the cause; else `codeBehind` it. */
  reason?: string | undefined;
  error: unknown;
}

/** What a request is about. */
interface Subject {
  provider?: string;
  integrationId?: string;
  credential?: string;
}

const failures = new WeakMap<object, Failure>();
const subjects = new WeakMap<object, Subject>();

/** Keeps what a request turned out to be about, for the line in case that it fails. */
export function noteSubject(request: FastifyRequest, subject: Subject): void {
  subjects.set(request.raw, { ...subjects.get(request.raw), ...subject });
}

/** What was noted so far. */
export const subjectOf = (request: FastifyRequest): Subject => subjects.get(request.raw) ?? {};

/** Keeps what was thrown until the answer is out, for the one line about it. */
export function noteFailure(request: FastifyRequest, failure: Failure): void {
  failures.set(request.raw, failure);
}

/** The stable code of what was thrown; undefined where nothing was. */
export const failureCodeOf = (request: FastifyRequest): string | undefined =>
  failures.get(request.raw)?.code;

/**
 * Of an error only these: `pg` errors quote rows in their other properties, and rows hold bodies.
 */
function describe(error: unknown): {
  name: string;
  message: string;
  stack?: string | undefined;
  code?: unknown;
} {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
  const { name, message, stack } = error;
  return { name, message, stack, code: 'code' in error ? error.code : undefined };
}

/** A token can't be refreshed while Temporal is away: what the caller is told is not why. */
function codeBehind(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof HoldfastError ? cause.code : undefined;
}

/**
 * One line for each refused or failed request: never its headers, query or body. Of webhooks that are not let in others
 * tell, counted; of those that can't be taken a code has a line a minute, of those that fail each kind of error.
 */
export const failureLog = fastifyPlugin<{ log: Logger }>((app, { log }, done) => {
  const webhooks = createCountedLines(
    (line) => log.warn({ event: 'webhook.unavailable', ...line }, 'Webhooks could not be taken'),
    { everyMs: 60_000, maxKinds: Object.keys(errorStatuses).length },
  );
  const failedWebhooks = createCountedLines(
    (line) => log.error({ event: 'request.failed', ...line }, 'A request failed'),
    { everyMs: 60_000, maxKinds: 20 },
  );

  app.addHook('onClose', (_app, next) => {
    webhooks.close();
    failedWebhooks.close();
    next();
  });

  app.addHook('onResponse', (request, reply, next) => {
    if (reply.statusCode >= 400) {
      const { method, id: requestId, routeOptions } = request;
      const failure = failures.get(request.raw);
      // The pattern, not the address: a path may hold a token.
      const route = routeOptions.url ?? null;
      const status = reply.statusCode;
      const code = failure?.code ?? null;
      const line = {
        ...{
          requestId,
          method,
          route,
          status,
          code,
          reason: failure?.reason ?? codeBehind(failure?.error),
        },
        ...subjects.get(request.raw),
        durationMs: Math.round(reply.elapsedTime),
      };
      const isWebhook = route?.startsWith('/webhooks/') === true;
      if (status === 500) {
        const err = describe(failure?.error);
        if (isWebhook) {
          const kind = {
            key: `${err.name} ${typeof err.code === 'string' ? err.code : ''}`,
            fields: {},
          };
          failedWebhooks.add(kind, { key: 'others', fields: {} }, { ...line, err });
        } else log.error({ event: 'request.failed', ...line, err }, 'A request failed');
      } else if (status > 500) {
        const err = messageOf(failure?.error);
        if (isWebhook) {
          const kind = { key: String(code), fields: { code } };
          webhooks.add(kind, kind, { ...line, err });
        } else {
          log.warn(
            { event: 'request.unavailable', ...line, err },
            'A request could not be answered at the moment',
          );
        }
      } else {
        log[isWebhook ? 'debug' : 'info'](
          { event: 'request.refused', ...line },
          'A request was refused',
        );
      }
    }
    next();
  });
  done();
});
