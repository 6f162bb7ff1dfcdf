import { judge, type LogEntry, waysBack, workedOff } from '../../../bench/kills/judge';

/** `a1@5`: delivery 1 of integration a, at 5 ms. */
const log = (text: string): LogEntry[] =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [deliveryId = '', at] = word.split('@');
      return { integrationId: deliveryId.slice(0, 1), deliveryId, at: Number(at ?? 0) };
    });
const judged = (acknowledged: string, received: string) => {
  const { lost, outOfOrder, unknown, repeats } = judge({
    acknowledged: log(acknowledged),
    received: log(received),
  });
  const ids = (entries: LogEntry[]) => entries.map(({ deliveryId }) => deliveryId).join(' ');
  return { lost: ids(lost), outOfOrder: ids(outOfOrder), unknown: ids(unknown), repeats };
};
const fine = { lost: '', outOfOrder: '', unknown: '', repeats: 0 };

test('what was received in the order in which it was acknowledged is fine, however integrations mix', () => {
  expect(judged('a1 b1 a2 b2 b3', 'b1 b2 a1 b3 a2')).toEqual(fine);
});

test('a webhook that never came is lost, in the middle, at the end and of an integration that got none', () => {
  expect(judged('a1 a2 a3', 'a1 a3')).toEqual({ ...fine, lost: 'a2' });
  expect(judged('a1 b1 a2', 'a1')).toEqual({ ...fine, lost: 'a2 b1' });
});

test('two that changed places are out of order, though none is lost', () => {
  expect(judged('a1 a2 a3', 'a1 a3 a2')).toEqual({ ...fine, outOfOrder: 'a2' });
});

test('one that comes again at once is a repeat; one that comes again after a later one is out of order', () => {
  expect(judged('a1 b1 a2', 'a1 b1 a1 a2')).toEqual({ ...fine, repeats: 1 });
  expect(judged('a1 a2', 'a1 a2 a1')).toEqual({ ...fine, outOfOrder: 'a1' });
});

test('one that nobody was told of is unknown', () => {
  expect(judged('a1', 'a1 a2')).toEqual({ ...fine, unknown: 'a2' });
});

test('the way back is counted to the first request after the return, for each integration', () => {
  const ways = waysBack(['a', 'b', 'c'], log('a1@5 a2@12 b1@9 a3@14 b2@30'), 10);
  expect([...ways]).toEqual([
    ['a', 2],
    ['b', 20],
    ['c', null],
  ]);
});

test('the backlog is worked off when the last of what was acknowledged before came first', () => {
  const acknowledged = log('a1@1 b1@2 a2@8 a3@20');
  const at = (received: string) => workedOff({ acknowledged, received: log(received) }, 10);
  expect(at('a1@3 b1@4 a2@15 a2@17')).toEqual({ at: 15, integrationId: 'a' });
  expect(at('a1@3 b1@4 a2@9')).toEqual({ at: 10, integrationId: '' });
  expect(at('a1@3 a2@15')).toBeNull();
});
