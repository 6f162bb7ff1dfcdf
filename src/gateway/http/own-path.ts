import type { FastifyInstance } from 'fastify';
import { ConfigError } from '../../config';
import type { GatewayConfig } from '../deps';

type Public = Pick<GatewayConfig, 'publicUrl'>;

/** The path of the public address, without a slash at its end: '' where the gateway has its host to itself. */
export const basePath = ({ publicUrl }: Public): string =>
  new URL(publicUrl).pathname.replace(/\/$/, '');

/** A path of ours as browsers know it: for whatever leads to it. @param path a route's, from its slash on */
export const ownPath = (config: Public, path: string): string => basePath(config) + path;

/**
 * A request's target in origin form, also where a proxy has sent it in absolute form, which every server has to take (RFC
 * 9112 section 3.2.2): the router knows that form, but whatever reads the request's address would not.
 */
export function originForm(target: string): string {
  const [, rest] = /^https?:\/\/[^/?#]*(.*)$/i.exec(target) ?? [];
  if (rest === undefined) return target;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * A request's target as routes know it, whether or not a proxy has stripped the public address's path. That path goes
 * once, and as whole segments: `/hf` doesn't begin `/hfx`.
 */
export function withoutBase(base: string, target: string): string {
  if (base === '' || !target.startsWith(base)) return target;
  const rest = target.slice(base.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : target;
}

/**
 * Behind a proxy that strips `/api`, nobody could tell `/api/users` from a path that still has it.
 * @throws ConfigError at the start, where the public address's path is the beginning of a route
 */
export function refuseAmbiguousBase(app: FastifyInstance, config: Public): void {
  const base = basePath(config);
  if (base === '') return;
  let isOurs = false;
  app.addHook('onRoute', ({ url }) => {
    isOurs ||= beginsRoute(base, url);
  });
  app.addHook('onReady', (next) => {
    const problem = `HOLDFAST_PUBLIC_URL: the path ${base} is one that Holdfast uses itself; allowed: any other, such as /holdfast`;
    next(isOurs ? new ConfigError([problem]) : undefined);
  });
}

/** Segment by segment: `/webhooks/x` is the beginning of `/webhooks/:id`, too. Pure. */
export function beginsRoute(base: string, route: string): boolean {
  const known = route.split('/');
  for (const [index, segment] of base.split('/').entries()) {
    const own = known[index];
    if (own === '*') return true;
    if (own === undefined || (own !== segment && !own.includes(':'))) return false;
  }
  return true;
}
