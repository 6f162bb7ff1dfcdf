import { watchTemporal } from '../../../src/gateway/operator/temporal-state';
import { eventually } from '../../support/eventually';

function counted(answer: () => Promise<void>) {
  let count = 0;
  const pingTemporal = () => {
    count++;
    return answer();
  };
  return { pingTemporal, count: () => count };
}

test('it is asked again and again, and what it said last counts', async () => {
  let isThere = false;
  const ping = counted(() => (isThere ? Promise.resolve() : Promise.reject(new Error('away'))));
  const state = watchTemporal(ping, 1);
  expect(state.isAvailable()).toBe(false);
  for (const there of [true, false, true]) {
    isThere = there;
    await eventually(() => expect(state.isAvailable()).toBe(there));
  }
  state.stop();
});

test('nothing is asked any more once it is stopped', async () => {
  const [stopped, other] = [counted(() => Promise.resolve()), counted(() => Promise.resolve())];
  const first = watchTemporal(stopped, 1);
  await eventually(() => expect(stopped.count()).toBeGreaterThan(1));
  first.stop();
  const before = stopped.count();
  const second = watchTemporal(other, 1);
  await eventually(() => expect(other.count()).toBeGreaterThan(5));
  second.stop();
  expect(stopped.count()).toBe(before);
});
