import { oneAtATime } from '../../../src/web/client/one-at-a-time';

test('who asks during a run waits for the next one, which serves them all', async () => {
  let runs = 0;
  const ends: (() => void)[] = [];
  const ask = oneAtATime(async () => {
    const run = ++runs;
    await new Promise<void>((resolve) => ends.push(resolve));
    return run;
  });
  const first = ask();
  const others = [ask(), ask(), ask()];
  expect(runs).toBe(1);
  ends[0]?.();
  expect(await first).toBe(1);
  await Promise.resolve();
  expect(runs).toBe(2);
  const later = ask();
  ends[1]?.();
  expect(await Promise.all(others)).toEqual([2, 2, 2]);
  await new Promise((resolve) => setImmediate(resolve));
  ends[2]?.();
  expect(await later).toBe(3);
});

test('a run that fails is followed by another', async () => {
  let runs = 0;
  const ask = oneAtATime(() =>
    ++runs === 1 ? Promise.reject(new Error('no')) : Promise.resolve(runs),
  );
  const [first, second] = [ask(), ask()];
  await expect(first).rejects.toThrow('no');
  expect(await second).toBe(2);
});
