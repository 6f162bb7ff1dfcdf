import { createLog } from '../../../src/lib/log';
import { createEndStuckSweeps } from '../../../src/temporal/sweep/stuck-sweeps';
import { linesOf } from '../../support/log-events';

/** What ends one is tried on real servers: `test/system/operations/heal.test.ts`. */
test('what keeps it from looking for stuck sweeps is said once, until it can look again', async () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const asked: unknown[] = [];
  let isTooOld = true;
  const endStuckSweeps = createEndStuckSweeps(
    {
      failing: (type) => {
        asked.push(type);
        if (isTooOld) return Promise.reject(new Error('invalid query'));
        return Promise.resolve([{ workflowId: 'sweep-of-somebody-else', runId: 'r1' }]);
      },
      current: () => Promise.resolve({ runId: 'r1', state: 'task_failing' }),
      end: () => Promise.reject(new Error('not to be ended')),
    },
    log,
  );
  const told = () => linesOf(lines, 'sweep.stuck_unread').length;
  for (let look = 0; look < 3; look++) await endStuckSweeps();
  expect(told()).toBe(1);
  isTooOld = false;
  await endStuckSweeps();
  isTooOld = true;
  await endStuckSweeps();
  expect(told()).toBe(2);
  expect(new Set(asked)).toEqual(new Set(['sweep']));
});
