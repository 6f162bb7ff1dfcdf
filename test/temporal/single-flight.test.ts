import { shareFlights } from '../../src/temporal/single-flight';
import type { RefreshAnswer } from '../../workflows/contract/messages';
import { eventually } from '../support/eventually';

const alive = (version: number): RefreshAnswer => ({ kind: 'alive', version, expiresAt: null });
const dead: RefreshAnswer = { kind: 'dead', version: 1, code: 'invalid_grant' };

/** Answers that come when a test lets them. */
function actor() {
  const asked: ((answer: RefreshAnswer) => void)[] = [];
  const refresh = shareFlights(() => new Promise((resolve) => asked.push(resolve)));
  return { asked, refresh };
}

test('S31 those who ask while a refresh is under way share its answer', async () => {
  const { asked, refresh } = actor();
  const answers = Promise.all([1, 2, 3].map(() => refresh('crd_1', { rejectedVersion: 1 })));
  asked[0]?.(alive(2));
  expect(await answers).toEqual([alive(2), alive(2), alive(2)]);
  expect(asked).toHaveLength(1);
});

test('whoever joined and hears of a death asks for themselves: it may be from before a reconnect', async () => {
  const { asked, refresh } = actor();
  const first = refresh('crd_1', {});
  const joined = refresh('crd_1', {});
  asked[0]?.(dead);
  expect(await first).toEqual(dead);
  await eventually(() => expect(asked).toHaveLength(2), { timeoutMs: 1_000 });
  asked[1]?.(alive(2));
  expect(await joined).toEqual(alive(2));
});

test('whoever joined a refresh that brought only what they hold asks once more', async () => {
  const { asked, refresh } = actor();
  const first = refresh('crd_1', {});
  const joined = refresh('crd_1', { rejectedVersion: 2 });
  asked[0]?.(alive(2));
  expect(await first).toEqual(alive(2));
  await eventually(() => expect(asked).toHaveLength(2), { timeoutMs: 1_000 });
  asked[1]?.(alive(3));
  expect(await joined).toEqual(alive(3));
});
