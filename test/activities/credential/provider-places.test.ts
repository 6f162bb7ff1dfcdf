import {
  createProviderPlaces,
  type Turn,
  type Urgency,
} from '../../../activities/credential/provider-places';
import type { ProviderDeclaration } from '../../../src/providers/provider';
import { openRegistry } from '../../support/connections';

const at = (host: string, more: object = {}): ProviderDeclaration => ({
  oauth: {
    ...{ authorizationUrl: `https://${host}/authorize`, tokenUrl: `https://${host}/token` },
    ...{ clientId: 'c', ...more },
  },
});
const registry = openRegistry({
  providers: {
    slow: at('slow.example'),
    other: at('other.example'),
    hosted: at('{host}', { parameters: { host: /[a-z0-9-]+\.example/ } }),
  },
});

interface Options {
  userId?: string;
  urgency?: Urgency;
  parameters?: Record<string, string>;
}

/** By default each of another user. */
function placesOf(size: number, random: () => number = () => 0) {
  const places = createProviderPlaces(registry, size, random);
  let users = 0;
  return (
    provider: string,
    work: () => Promise<string>,
    { userId = `user-${users++}`, urgency = 'waited for', parameters }: Options = {},
  ) => places.run({ userId, provider, parameters: parameters ?? null }, urgency, work);
}

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

/** Begins as many as may begin, of so many. */
function begin(
  run: ReturnType<typeof placesOf>,
  count: number,
  provider: string,
  options: (index: number) => Options = () => ({}),
) {
  const holding = Array.from({ length: count }, held);
  let begun = 0;
  const running = holding.map(({ work }, index) =>
    run(
      provider,
      () => {
        begun++;
        return work();
      },
      options(index),
    ),
  );
  return {
    begun,
    end: async () => {
      for (const { end } of holding) end(false);
      await Promise.all(running);
    },
  };
}

test('S30 an endpoint that hangs has thirty of fifty slots, and no other is kept from theirs', async () => {
  const run = placesOf(50);
  const { begun, end } = begin(run, 2_000, 'slow');
  expect(begun).toBe(30);
  expect(await run('other', quick)).toEqual({ kind: 'done', result: 'quick' });
  await end();
  expect(await run('slow', quick)).toEqual({ kind: 'done', result: 'quick' });
});

test('two thousand refreshes of one user at a server of their own that hangs leave slots to others of the provider', async () => {
  const run = placesOf(50);
  const parameters = { host: 'hangs.example' };
  const { begun, end } = begin(run, 2_000, 'hosted', () => ({ userId: 'hanging', parameters }));
  expect(begun).toBe(16);
  const others = [10, 4].map((count, index) =>
    begin(run, count, 'hosted', () => ({
      parameters: { host: ['hosts.example', 'hangs.example'][index] ?? '' },
    })),
  );
  expect(others.map((one) => one.begun)).toEqual([10, 4]);
  await end();
  for (const one of others) await one.end();
});

test('a user with many servers that hang has no more than thirty of fifty slots', async () => {
  const run = placesOf(50);
  const { begun, end } = begin(run, 2_000, 'hosted', (index) => ({
    ...{ userId: 'hanging', parameters: { host: `hangs-${index}.example` } },
  }));
  expect(begun).toBe(30);
  expect(begin(run, 10, 'slow').begun).toBe(10);
  await end();
});

test('what nobody waits for takes ten slots at one endpoint, and none from what somebody waits for there', async () => {
  const run = placesOf(50);
  const { begun, end } = begin(run, 2_000, 'slow', () => ({ urgency: 'in time' }));
  expect(begun).toBe(10);
  expect(begin(run, 20, 'slow').begun).toBe(20);
  await end();
});

test('work that fails gives its place back', async () => {
  const run = placesOf(3);
  const failing = () => Promise.reject(new Error('it failed'));
  for (let count = 0; count < 3; count++) {
    await expect(run('slow', failing)).rejects.toThrow('it failed');
  }
  expect(await run('slow', quick)).toEqual({ kind: 'done', result: 'quick' });
});

test('the more are turned away, the later they come back: up to a minute, and as much again', async () => {
  const run = placesOf(17);
  const holding = Array.from({ length: 10 }, held);
  const running = holding.map(({ work }) => run('slow', work));
  const waits: number[] = [];
  for (let count = 0; count < 1_000; count++) {
    waits.push(comeBackMs(await run('slow', quick)) ?? NaN);
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
    const run = placesOf(3, () => random);
    const { work, end } = held();
    const running = run('slow', work);
    expect(comeBackMs(await run('slow', quick))).toBe(ms);
    end(false);
    await running;
  }
});

describe('in time', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 0 }));
  afterEach(() => void jest.useRealTimers());

  test('who waits for slow work waits for as long as the last one took', async () => {
    const run = placesOf(4);
    const [long, other] = [held(), held()];
    const running = [run('slow', long.work), run('slow', other.work)];
    jest.advanceTimersByTime(18 * second);
    long.end(false);
    await running[0];
    const next = held();
    running.push(run('slow', next.work));
    expect(comeBackMs(await run('slow', quick))).toBe(18 * second);
    for (const { end } of [other, next]) end(false);
    await Promise.all(running);
  });

  test('who has come back is not counted among those who wait any more', async () => {
    const run = placesOf(3);
    const wait = async () => comeBackMs(await run('slow', quick));
    const { work, end } = held();
    const running = run('slow', work);
    expect([await wait(), await wait(), await wait()]).toEqual([second, 2 * second, 3 * second]);
    jest.advanceTimersByTime(2 * second);
    expect(await wait()).toBe(2 * second);
    end(false);
    await running;
  });
});
