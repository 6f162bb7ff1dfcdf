import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Logger } from '../../lib/log';

interface Failure {
  code: string;
  /** The provider's own code, where its answer was the cause. */
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

/**
 * Of an error only these: `pg` errors quote rows in their other properties, and rows hold bodies.
 */
function describe(error: unknown) {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  return { name, message, stack, ...('code' in error ? { code: error.code } : {}) };
}

/** One line for each refused or failed request: never its headers, query or body. */
export const failureLog = fastifyPlugin<{ log: Logger }>((app, { log }, done) => {
  app.addHook('onResponse', (request, reply, next) => {
    if (reply.statusCode >= 400) {
      const failure = failures.get(request.raw);
      const line = {
        requestId: request.id,
        method: request.method,
        // The pattern, not the address: a path may hold a token.
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        code: failure?.code ?? null,
        reason: failure?.reason,
        ...subjects.get(request.raw),
        durationMs: Math.round(reply.elapsedTime),
      };
      if (reply.statusCode === 500) log.error({ ...line, err: describe(failure?.error) }, 'failed');
      else if (reply.statusCode > 500) log.warn(line, 'unavailable');
      else log.info(line, 'refused');
    }
    next();
  });
  done();
});
