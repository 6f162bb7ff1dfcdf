import { persistently } from '../../src/lib/persistently';

class Hopeless extends Error {}
const isHopeless = (error: unknown) => error instanceof Hopeless;

function failing(times: number, error: () => Error) {
  let calls = 0;
  const work = () => (calls++ < times ? Promise.reject(error()) : Promise.resolve('done'));
  return { work, calls: () => calls };
}

test('what fails for a while is tried until it works', async () => {
  const { work, calls } = failing(3, () => new Error('away'));
  expect(await persistently(work, { isHopeless })).toBe('done');
  expect(calls()).toBe(4);
});

test('what can not succeed is not tried again', async () => {
  const { work, calls } = failing(9, () => new Hopeless('refused'));
  await expect(persistently(work, { isHopeless })).rejects.toThrow('refused');
  expect(calls()).toBe(1);
});

test('a stop leaves a short while, before it and in the midst', async () => {
  const away = failing(Infinity, () => new Error('away'));
  const stopped = { isHopeless, signal: AbortSignal.abort(), graceMs: 120 };
  await expect(persistently(away.work, stopped)).rejects.toThrow('away');
  expect(away.calls()).toBe(2);
  const stopping = new AbortController();
  const work = () => {
    if (away.calls() === 4) stopping.abort();
    return away.work();
  };
  const options = { isHopeless, signal: stopping.signal, graceMs: 0 };
  await expect(persistently(work, options)).rejects.toThrow('away');
  expect(away.calls()).toBe(5);
});

test('the time has an end', async () => {
  const { work } = failing(Infinity, () => new Error('away'));
  await expect(persistently(work, { isHopeless, limitMs: 100 })).rejects.toThrow('away');
});
