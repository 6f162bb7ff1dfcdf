import { createLog, noteAway } from '../../src/lib/log';
import { watchTemporal } from '../../src/temporal/watch-temporal';
import { eventually } from '../support/eventually';

interface Line {
  level: string;
  event: string;
  durationMs?: number;
}

function watched(level = 'info') {
  const lines: Line[] = [];
  const log = createLog(level, { write: (line) => void lines.push(JSON.parse(line) as Line) });
  let isThere = true;
  let count = 0;
  const ask = () => {
    count++;
    return isThere ? Promise.resolve() : Promise.reject(new Error('away'));
  };
  return {
    ...{ lines, log, ask, count: () => count },
    turn: (there: boolean) => {
      isThere = there;
    },
  };
}

test('it is asked again and again, and what it said last counts', async () => {
  const { log, ask, turn } = watched();
  turn(false);
  const state = watchTemporal(log, ask, 1);
  expect(state.isAvailable()).toBe(false);
  for (const there of [true, false, true]) {
    turn(there);
    await eventually(() => expect(state.isAvailable()).toBe(there));
  }
  state.stop();
});

test('nothing is asked any more once it is stopped', async () => {
  const [stopped, other] = [watched(), watched()];
  const first = watchTemporal(stopped.log, stopped.ask, 1);
  await eventually(() => expect(stopped.count()).toBeGreaterThan(1));
  first.stop();
  const before = stopped.count();
  const second = watchTemporal(other.log, other.ask, 1);
  await eventually(() => expect(other.count()).toBeGreaterThan(5));
  second.stop();
  expect(stopped.count()).toBe(before);
});

test('S19 an outage has a line at its beginning and one at its end, however often it is asked; what fails meanwhile is debug', async () => {
  const { lines, log, ask, turn, count } = watched();
  // Of a process that has a gateway and a worker.
  const watches = [watchTemporal(log, ask, 1), watchTemporal(log, ask, 1)];
  const isSeen = (there: boolean) =>
    eventually(() => expect(watches.map((one) => one.isAvailable())).toEqual([there, there]));
  await isSeen(true);
  turn(false);
  await isSeen(false);
  const since = count();
  await eventually(() => expect(count()).toBeGreaterThan(since + 20));
  log.warn({ event: 'actor.not_signalled', err: 'away' }, 'An actor could not be signalled');
  log.warn({ event: 'hold.set' }, 'A hold was set');
  turn(true);
  await eventually(() => expect(lines).toHaveLength(3));
  await isSeen(true);
  log.warn({ event: 'actor.not_signalled', err: 'other' }, 'An actor could not be signalled');
  for (const watch of watches) watch.stop();
  expect(lines.map(({ level, event }) => `${level} ${event}`)).toEqual([
    'error temporal.unreachable',
    'warn hold.set',
    'info temporal.recovered',
    'warn actor.not_signalled',
  ]);
  expect(lines[2]?.durationMs).toBeGreaterThan(0);
});

test('an outage hides neither what handlers warn of nor requests that fail by a provider', () => {
  const { lines, log } = watched();
  noteAway(log, 'temporal', true);
  log.child({ integrationId: 'int_1' }).warn({ err: 'mine' }, 'A sentence of the application');
  const failed = (code: string, reason?: string) =>
    log.warn(
      { event: 'request.unavailable', code, reason, err: 'x' },
      'A request could not be answered at the moment',
    );
  for (const code of ['refresh_unavailable', 'temporal_unavailable', 'database_unavailable']) {
    failed(code);
  }
  failed('refresh_unavailable', 'temporal_unavailable');
  expect(lines).toMatchObject([
    { level: 'warn', err: 'mine' },
    { level: 'warn', code: 'refresh_unavailable' },
  ]);
});

test('one lost answer is no outage', async () => {
  const { lines, log, ask, count } = watched();
  let asked = 0;
  const watch = watchTemporal(
    log,
    () => (++asked % 2 === 0 ? Promise.reject(new Error('lost')) : ask()),
    1,
  );
  await eventually(() => expect(count()).toBeGreaterThan(5));
  watch.stop();
  expect(lines).toEqual([]);
});

test('a refusal of a few milliseconds is no outage, however many connections are lost by it', async () => {
  const { lines, log, ask, turn, count } = watched();
  turn(false);
  const watch = watchTemporal(log, ask, 60_000);
  await eventually(() => expect(count()).toBe(1));
  for (let lost = 0; lost < 5; lost++) {
    await new Promise(setImmediate);
    watch.look();
  }
  expect(count()).toBe(1);
  turn(true);
  await eventually(() => expect(watch.isAvailable()).toBe(true));
  watch.stop();
  expect(lines).toEqual([]);
});

test('a server that comes and goes is away until it answers twice in a row', async () => {
  const { lines, log, ask, turn, count } = watched();
  let asked = 0;
  let flaps = true;
  turn(false);
  const watch = watchTemporal(
    log,
    () => (++asked > 4 && asked % 2 === 0 && flaps ? Promise.resolve() : ask()),
    1,
  );
  await eventually(() => expect(count()).toBeGreaterThan(10));
  expect(lines.map(({ event }) => event)).toEqual(['temporal.unreachable']);
  flaps = false;
  turn(true);
  await eventually(() => expect(lines).toHaveLength(2));
  watch.stop();
  expect(lines[1]).toMatchObject({ event: 'temporal.recovered' });
});
