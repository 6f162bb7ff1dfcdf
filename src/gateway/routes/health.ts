import type { FastifyInstance } from 'fastify';
import { HoldfastError } from '../../errors';
import type { GatewayDeps } from '../deps';

const checkTimeoutMs = 2_000;

async function answers(check: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), checkTimeoutMs);
  });
  const done = check.then(
    () => true,
    () => false,
  );
  return Promise.race([done, tooLate]).finally(() => clearTimeout(timer));
}

/** `/healthz`: the process is up. `/readyz`: it can take webhooks, which needs Postgres alone. */
export function healthRoutes(
  app: FastifyInstance,
  { pool, pingTemporal }: Pick<GatewayDeps, 'pool' | 'pingTemporal'>,
  done: () => void,
): void {
  app.get('/healthz', () => ({ status: 'ok' }));

  app.get('/readyz', async () => {
    const [postgres, temporal] = await Promise.all([
      answers(pool.query('SELECT 1')),
      answers(pingTemporal()),
    ]);
    if (!postgres) {
      throw new HoldfastError('database_unavailable', 'Postgres does not answer.', {
        retryAfterSeconds: 2,
      });
    }
    return { status: 'ok', postgres: 'ok', temporal: temporal ? 'ok' : 'unavailable' };
  });
  done();
}
