import { fastify, type FastifyInstance, type FastifyReply } from 'fastify';
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
    app.get(path, async ({ raw }, reply) => {
      const asker = { peer: raw.socket.remoteAddress, headers: raw.headers };
      if (!mayReadMetrics(asker, metricsToken)) {
        reply.callNotFound();
        return reply;
      }
      return exposition(metrics.registry, reply);
    });
  done();
}

/**
 * `/metrics` at a port of its own, which is for whoever reaches it.
 * @returns what closes it; undefined where none is set
 * @throws Error where the address is taken
 */
export async function listenForMetrics(
  { host, metricsPort }: Pick<GatewayConfig, 'host' | 'metricsPort'>,
  registry: Registry,
): Promise<{ url: string; close(): Promise<void> } | undefined> {
  if (metricsPort === undefined) return undefined;
  const app = fastify({ logger: false, requestTimeout: 10_000, forceCloseConnections: true });
  app.get(path, (_request, reply) => exposition(registry, reply));
  const url = await app.listen({ host, port: metricsPort });
  return { url: url + path, close: () => app.close() };
}

/** By what was counted so far: nothing is asked for it. */
async function exposition(registry: Registry, reply: FastifyReply): Promise<FastifyReply> {
  return reply.type(registry.contentType).send(await registry.metrics());
}
