import type { FastifyInstance } from 'fastify';
import { HoldfastError } from '../../lib/errors';
import type { Rows, TemporalPing } from '../deps';
import { waitAtMost } from '../../lib/timing';

const checkTimeoutMs = 2_000;

async function answers(check: Promise<unknown>): Promise<boolean> {
  const answered = check.then(
    () => true,
    () => false,
  );
  return (await waitAtMost(answered, checkTimeoutMs)) ?? false;
}

/** `/healthz`: the process is up. `/readyz`: it can take webhooks, which needs Postgres alone. */
export function healthRoutes(
  app: FastifyInstance,
  { pool, pingTemporal }: Rows & TemporalPing,
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
