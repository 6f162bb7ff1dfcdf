import type { FastifyInstance } from 'fastify';
import { HoldfastError } from '../../lib/errors';
import { watchTemporal } from '../../temporal/watch-temporal';
import { showServer } from '../../metrics/servers';
import type { ActorSignals, Measuring, Rows, TemporalPing } from '../deps';
import { waitAtMost } from '../../lib/timing';

const checkTimeoutMs = 2_000;

type PostgresState = 'ok' | 'read_only' | 'unavailable';

const sentences = {
  read_only:
    'Postgres takes no writes: it is a standby, or set to read only. Webhooks can not be stored there.',
  unavailable: 'Postgres does not answer.',
} as const;

/** On a standby, too, every transaction is read only (Postgres documentation, 26.4.1). */
async function askPostgres({ pool }: Rows): Promise<PostgresState> {
  const asked = pool
    .query<{ readOnly: boolean }>(
      `SELECT current_setting('transaction_read_only')::boolean AS "readOnly"`,
    )
    .then(
      ({ rows }): PostgresState => (rows[0]?.readOnly === false ? 'ok' : 'read_only'),
      (): PostgresState => 'unavailable',
    );
  return (await waitAtMost(asked, checkTimeoutMs)) ?? 'unavailable';
}

/** `/healthz`: the process is up. `/readyz`: it can take webhooks, which needs Postgres alone, to write to. */
export function healthRoutes(
  app: FastifyInstance,
  deps: Rows & TemporalPing & Measuring & Pick<ActorSignals, 'log'>,
  done: () => void,
): void {
  const temporal = watchTemporal(deps.log, deps.pingTemporal);
  if (deps.metrics !== undefined)
    showServer(deps.metrics.registry, 'temporal', () => temporal.isAvailable());
  app.addHook('onClose', (_app, next) => {
    temporal.stop();
    next();
  });

  app.get('/healthz', () => ({ status: 'ok' }));

  app.get('/readyz', async () => {
    const postgres = await askPostgres(deps);
    if (postgres !== 'ok') {
      throw new HoldfastError('database_unavailable', sentences[postgres], {
        retryAfterSeconds: 2,
      });
    }
    return {
      status: 'ok',
      postgres,
      temporal: temporal.isAvailable() ? 'ok' : 'unavailable',
    };
  });
  done();
}
