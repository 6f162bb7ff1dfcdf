import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import { mayReadMetrics } from '../../metrics/access';
import type { GatewayConfig, Measuring, Settings } from '../deps';

const path = '/metrics';

/** `/metrics` beside everything else, for those who may read it; to others, and where it has its own port, there is none. */
export function metricsRoutes(
  app: FastifyInstance,
  { metrics, config: { metricsPort, metricsToken } }: Measuring & Settings,
  done: () => void,
): void {
  if (metrics !== undefined && metricsPort === undefined)
    app.get(path, (request, reply) =>
      answer(reply, metrics.registry, mayRead(request, metricsToken)),
    );
  done();
}

/**
 * `/metrics` at a port of its own, without a token for whoever reaches it; with one for the same as elsewhere.
 * @returns what closes it; undefined where none is set
 * @throws Error where the address is taken
 */
export async function listenForMetrics(
  { host, metricsPort, metricsToken }: Pick<GatewayConfig, 'host' | 'metricsPort' | 'metricsToken'>,
  registry: Registry,
): Promise<{ url: string; close(): Promise<void> } | undefined> {
  if (metricsPort === undefined) return undefined;
  const app = fastify({ logger: false, requestTimeout: 10_000, forceCloseConnections: true });
  app.get(path, (request, reply) =>
    answer(reply, registry, metricsToken === undefined || mayRead(request, metricsToken)),
  );
  const url = await app.listen({ host, port: metricsPort });
  return { url: url + path, close: () => app.close() };
}

const mayRead = ({ raw }: FastifyRequest, token: string | undefined) =>
  mayReadMetrics({ peer: raw.socket.remoteAddress, headers: raw.headers }, token);

/** By what was counted so far: nothing is asked for it. */
async function answer(
  reply: FastifyReply,
  registry: Registry,
  isAllowed: boolean,
): Promise<FastifyReply> {
  if (isAllowed) return reply.type(registry.contentType).send(await registry.metrics());
  reply.callNotFound();
  return reply;
}
