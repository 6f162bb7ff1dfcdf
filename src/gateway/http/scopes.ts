import type { FastifyRequest } from 'fastify';
import type { ApiKeyScope } from '../../db/queries/api-keys';
import { HoldfastError } from '../../lib/errors';
import type { ApiKeyHolder } from './api-key';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What an API key needs for this route. Default: `read` to look, `manage` for everything else. */
    scope?: ApiKeyScope;
  }
}

const reading = new Set(['GET', 'HEAD']);

/** The one place that says what a request needs; a route that names nothing is never more open than its method. */
export function neededScope({ method, routeOptions }: FastifyRequest): ApiKeyScope {
  return routeOptions.config.scope ?? (reading.has(method) ? 'read' : 'manage');
}

/** Whether who has these may do what needs that one: `manage` reads too, `admin` is everything. */
export function covers(held: readonly ApiKeyScope[], needed: ApiKeyScope): boolean {
  return (
    held.includes(needed) ||
    held.includes('admin') ||
    (needed === 'read' && held.includes('manage'))
  );
}

/** @throws HoldfastError `insufficient_scope` */
export function checkScope(request: FastifyRequest, { scopes }: ApiKeyHolder): void {
  const needed = neededScope(request);
  if (covers(scopes, needed)) return;
  throw new HoldfastError(
    'insufficient_scope',
    `This needs an API key with the scope "${needed}"; this one has: ${scopes.join(', ')}.`,
  );
}
