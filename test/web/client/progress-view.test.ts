import type { ConnectorStatus, PersonStatus } from '../../../src/web/client/person-status';
import { type Course, progressAt } from '../../../src/web/client/progress-view';

const fresh: Course = { total: 38, done: 0, hasWorked: false };

const connector = (fields: Partial<ConnectorStatus>): ConnectorStatus => ({
  status: 'connected',
  errorCode: null,
  lastSuccessAt: null,
  lastFailureAt: null,
  pending: 0,
  reconnectUrl: null,
  ...fields,
});

const status = (
  fields: Partial<ConnectorStatus>,
  hold: PersonStatus['hold'] = null,
): PersonStatus => ({
  userId: 'ada',
  connectors: { contacts: connector(fields), other: connector({ pending: 900 }) },
  anyNeedsReauth: false,
  hold,
});

const at = (course: Course, said: PersonStatus) => progressAt(course, 'contacts', said);

test('what is handled fills the bar, until all is caught up and a tick takes its place', () => {
  const first = at(fresh, status({ pending: 38 }));
  expect(first.view).toEqual({
    sentence: '38 updates that arrived meanwhile are being handled. You don’t have to wait for it.',
    bar: { max: 38, value: 0, text: '0 of 38 done' },
  });
  const some = at(first.course, status({ pending: 12 }));
  expect(some.view.bar).toEqual({ max: 38, value: 26, text: '26 of 38 done' });
  const { view } = at(some.course, status({ pending: 0 }));
  expect(view).toEqual({
    sentence: 'All caught up. Nothing is waiting any more.',
    isOver: true,
    isDone: true,
  });
});

test('what arrives meanwhile takes nothing back from what is done', () => {
  const some = at(fresh, status({ pending: 30 }));
  const more = at(some.course, status({ pending: 50 }));
  expect(more.view.bar).toEqual({ max: 58, value: 8, text: '8 of 58 done' });
  expect(at(more.course, status({ pending: 1 })).view.bar?.text).toBe('57 of 58 done');
});

test('before it was seen working, "broken" is what it was until now', () => {
  const { view, course } = at(fresh, status({ status: 'needs_reauth', pending: 38 }));
  expect(view.offersReconnect).toBeUndefined();
  expect(view.sentence).toContain('are being handled');
  expect(course.hasWorked).toBe(false);
});

test('nothing waiting is not all caught up while it does not work', () => {
  const { view } = at(fresh, status({ status: 'needs_reauth', pending: 0 }));
  expect(view.isOver).toBeUndefined();
});

test('a connection that breaks again says so, offers to reconnect, and goes on afterwards', () => {
  const working = at(fresh, status({ pending: 30 }));
  const broken = at(working.course, status({ status: 'needs_reauth', pending: 30 }));
  expect(broken.view).toEqual({
    heading: 'The connection broke again',
    sentence: '30 updates that arrived meanwhile are kept until it is reconnected.',
    offersReconnect: true,
  });
  const again = at(broken.course, status({ pending: 29 }));
  expect(again.view).toMatchObject({ bar: { value: 9 } });
  expect(again.view.offersReconnect).toBeUndefined();
  expect(again.view.heading).toBeUndefined();
});

test('under a hold nothing seems to move, and its reason is given', () => {
  const hold = { by: 'operator', reason: 'maintenance', since: null } as const;
  expect(at(fresh, status({ pending: 1 }, hold)).view).toEqual({
    sentence:
      'Everything is paused: “maintenance”. 1 update that arrived meanwhile is kept, and handled when the pause ends.',
  });
  const mine = { by: 'user', reason: null, since: null } as const;
  expect(at(fresh, status({ pending: 2 }, mine)).view.sentence).toMatch(
    /^You have paused everything\. 2/,
  );
});

test('a connection that was switched off or removed meanwhile shows no progress', () => {
  const off = at(fresh, status({ status: 'disabled', pending: 3 })).view;
  expect(off.heading).toContain('switched off');
  expect(off.bar).toBeUndefined();
  const gone = progressAt(fresh, 'toString', status({ pending: 3 })).view;
  expect(gone).toMatchObject({ heading: 'This connection was removed', isOver: true });
});
