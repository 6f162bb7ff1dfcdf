import { signalPaced } from '../../src/temporal/paced-signals';

test('many actors are signalled in parts of 50, and one that fails keeps nobody from it', async () => {
  const at: number[] = [];
  let inFlight = 0;
  let most = 0;
  const failures = await signalPaced([...Array(120).keys()], async (number) => {
    at.push(performance.now());
    most = Math.max(most, ++inFlight);
    await new Promise(setImmediate);
    inFlight--;
    if (number % 50 === 7) throw new Error(`no ${number}`);
  });
  expect(at).toHaveLength(120);
  expect(most).toBe(50);
  for (const [index, time] of at.slice(50).entries()) {
    // A timer may be a millisecond early.
    expect(time - (at[index] ?? Infinity)).toBeGreaterThan(248);
  }
  expect(failures.map(String)).toEqual(['Error: no 7', 'Error: no 57', 'Error: no 107']);
});

test('few are signalled at once, and nobody costs nothing', async () => {
  const begun = performance.now();
  expect(await signalPaced([...Array(50).keys()], () => Promise.resolve())).toEqual([]);
  expect(await signalPaced([], () => Promise.reject(new Error('not to be asked')))).toEqual([]);
  expect(performance.now() - begun).toBeLessThan(200);
});
