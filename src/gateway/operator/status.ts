import type { FastifyInstance } from 'fastify';
import type { Rows, Settings, SweepSchedule } from '../deps';
import { type Overview, readOverview } from './overview';

/** However many ask, the rows are read once in that time, in milliseconds. */
const keptMs = 1_000;

/** How everything is, for operators: cheap, and there without Temporal. */
export function operatorStatusRoutes(
  app: FastifyInstance,
  deps: Rows & Settings & SweepSchedule,
  done: () => void,
): void {
  let kept: Promise<Overview> | undefined;

  app.get('/status', () => {
    kept ??= readOverview(deps).finally(() => {
      const drop = () => (kept = undefined);
      setTimeout(drop, keptMs).unref();
    });
    return kept;
  });
  done();
}
