import { waitsIn } from '../../../bench/kills/waits';

const at = (seconds: number) => ({ seconds: seconds as never, nanos: 0 });
/** Struck at 100 s, back at 110 s, handled at 120 s. */
const window = { struckAt: 100_000, backAt: 110_000, handledAt: 120_000 };
const drain = (eventId: number, second: number) => ({
  ...{ eventId: eventId as never, eventTime: at(second) },
  activityTaskScheduledEventAttributes: { activityType: { name: 'drainInbox' } },
});
const started = (scheduledEventId: number, second: number, more: object = {}) => ({
  ...{ eventId: (scheduledEventId + 1) as never, eventTime: at(second) },
  activityTaskStartedEventAttributes: { scheduledEventId: scheduledEventId as never, ...more },
});

test('an activity that was tried again is said with what failed before it', () => {
  const failure = { message: 'activity Heartbeat timeout', cause: { message: 'lost' } };
  expect(
    waitsIn([drain(5, 105), started(5, 116, { attempt: 2, lastFailure: failure })], window),
  ).toEqual(['drainInbox, attempt 2 (+6.0), after: activity Heartbeat timeout < lost']);
});

test('tasks that nobody took and those that were lost are said, with how long', () => {
  const events = [
    { eventId: 1 as never, eventTime: at(108), workflowTaskScheduledEventAttributes: {} },
    {
      ...{ eventId: 2 as never, eventTime: at(109) },
      workflowTaskStartedEventAttributes: { scheduledEventId: 1 as never },
    },
    {
      eventId: 3 as never,
      eventTime: at(119),
      workflowTaskTimedOutEventAttributes: { timeoutType: 1 },
    },
    {
      eventId: 4 as never,
      eventTime: at(119),
      workflowTaskTimedOutEventAttributes: { timeoutType: 2 },
    },
    drain(5, 112),
    started(5, 115),
  ];
  expect(waitsIn(events, window)).toEqual([
    'a workflow task: 1.0 s until it began (−1.0)',
    'a workflow task was lost, and timed out (+9.0)',
    'a workflow task was not taken by the worker that knows the actor (+9.0)',
    'drainInbox: 3.0 s until it began (+5.0)',
  ]);
});

test('a signal that came late is said, and only the first one', () => {
  const signal = (second: number) => ({
    eventTime: at(second),
    workflowExecutionSignaledEventAttributes: {},
  });
  expect(waitsIn([signal(108), signal(113), signal(118)], window)).toEqual([
    'no signal before +3.0',
  ]);
  expect(waitsIn([signal(110), signal(113)], window)).toEqual([]);
});

test('what was before, after, or at once is no wait', () => {
  expect(waitsIn([drain(1, 90), started(1, 95), drain(3, 111), started(3, 111)], window)).toEqual(
    [],
  );
  expect(waitsIn([drain(1, 121), started(1, 125, { attempt: 3 })], window)).toEqual([]);
});
