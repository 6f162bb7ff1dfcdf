import { providerShares, type Turn } from '../../../activities/credential/provider-concurrency';

const second = 1_000;

/** Work that ends when it is told to. */
function held() {
  let end: (fails: boolean) => void = () => undefined;
  const ended = new Promise<string>((resolve, reject) => {
    end = (fails) => {
      if (fails) reject(new Error('it failed'));
      else resolve('done');
    };
  });
  return { work: () => ended, end };
}

const comeBackMs = (turn: Turn<unknown>) =>
  turn.kind === 'turned_away' ? turn.comeBackMs : undefined;

const quick = () => Promise.resolve('quick');

test('a provider that has its share turns away, and no other is kept from theirs', async () => {
  const shares = providerShares(2, () => 0);
  const [first, second] = [held(), held()];
  const running = [shares.run('slow', first.work), shares.run('slow', second.work)];
  expect(await shares.run('slow', quick)).toMatchObject({ kind: 'turned_away' });
  expect(await shares.run('other', quick)).toEqual({ kind: 'done', result: 'quick' });
  first.end(false);
  expect(await running[0]).toEqual({ kind: 'done', result: 'done' });
  expect(await shares.run('slow', quick)).toEqual({ kind: 'done', result: 'quick' });
  second.end(true);
  await expect(running[1]).rejects.toThrow('it failed');
});

test('work that fails gives its place back', async () => {
  const shares = providerShares(1);
  const failing = () => Promise.reject(new Error('it failed'));
  await expect(shares.run('acme', failing)).rejects.toThrow('it failed');
  expect(await shares.run('acme', quick)).toEqual({ kind: 'done', result: 'quick' });
});

test('the more are turned away, the later they come back: up to a minute, and as much again', async () => {
  const shares = providerShares(10, () => 0);
  const holding = Array.from({ length: 10 }, held);
  const running = holding.map(({ work }) => shares.run('slow', work));
  const waits: number[] = [];
  for (let count = 0; count < 1_000; count++) {
    waits.push(comeBackMs(await shares.run('slow', quick)) ?? NaN);
  }
  expect(waits.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => second));
  expect(waits[10]).toBe(2 * second);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits.at(-1)).toBe(60 * second);
  holding.forEach(({ end }) => end(false));
  await Promise.all(running);
});

test('those who are turned away are spread over twice their wait', async () => {
  for (const [random, ms] of [
    [0, second],
    [0.5, 1.5 * second],
    [1, 2 * second],
  ] as const) {
    const shares = providerShares(1, () => random);
    const { work, end } = held();
    const running = shares.run('slow', work);
    expect(comeBackMs(await shares.run('slow', quick))).toBe(ms);
    end(false);
    await running;
  }
});

describe('in time', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 0 }));
  afterEach(() => void jest.useRealTimers());

  test('who waits for slow work waits for as long as the last one took', async () => {
    const shares = providerShares(2, () => 0);
    const [long, other] = [held(), held()];
    const running = [shares.run('slow', long.work), shares.run('slow', other.work)];
    jest.advanceTimersByTime(18 * second);
    long.end(false);
    await running[0];
    const next = held();
    running.push(shares.run('slow', next.work));
    expect(comeBackMs(await shares.run('slow', quick))).toBe(18 * second);
    for (const { end } of [other, next]) end(false);
    await Promise.all(running);
  });

  test('who has come back is not counted among those who wait any more', async () => {
    const shares = providerShares(1, () => 0);
    const wait = async () => comeBackMs(await shares.run('slow', quick));
    const { work, end } = held();
    const running = shares.run('slow', work);
    expect([await wait(), await wait(), await wait()]).toEqual([second, 2 * second, 3 * second]);
    jest.advanceTimersByTime(2 * second);
    expect(await wait()).toBe(2 * second);
    end(false);
    await running;
  });
});
