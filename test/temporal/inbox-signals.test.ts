import { setImmediate, setTimeout as timeout } from 'node:timers/promises';
import { createInboxSignals } from '../../src/temporal/inbox-signals';
import { createLog } from '../../src/lib/log';
import { createActors } from '../../src/temporal/actors';
import { createTemporal } from '../../src/temporal/client';
import { eventually } from '../support/eventually';

test('S19 with Temporal away the first lost signal is a line, and all that follow are one more, with their count and why', async () => {
  const temporal = createTemporal({ address: '127.0.0.1:1' });
  try {
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => lines.push(line) });
    const inboxSignals = createInboxSignals(createActors(temporal.client), log);
    for (let number = 0; number < 40; number++) inboxSignals.signal(`int_${number}`, 'dlv_1');
    await inboxSignals.close();
    const logged = lines.map((line) => JSON.parse(line) as object);
    const line = { level: 'warn', event: 'actor.not_signalled' };
    expect(logged).toMatchObject([
      { ...line, count: 1, integrationId: expect.stringMatching(/^int_/) as unknown },
      { ...line, count: 39, err: expect.stringMatching(/^\d+ [A-Z_]+: ./) as unknown },
    ]);
  } finally {
    await temporal.close();
  }
});

test('S23 however many integrations are signalled in one moment, fifty signals are in flight, and each is sent once', async () => {
  const waiting: (() => void)[] = [];
  const sent: { id: string; deliveryIds: string[] }[] = [];
  const inboxSignals = createInboxSignals(
    {
      webhookReceived: (id, deliveryIds) => {
        sent.push({ id, deliveryIds });
        return new Promise((resolve) => waiting.push(resolve));
      },
    },
    createLog('fatal'),
  );
  const ids = Array.from({ length: 180 }, (_, number) => `int_${number}`);
  for (const id of ids) inboxSignals.signal(id, 'dlv_1');
  // Of those that still wait for their turn: they have one signal coming.
  inboxSignals.signal('int_100', 'dlv_2');
  let most = 0;
  while (sent.length < ids.length) {
    most = Math.max(most, waiting.length);
    await eventually(() => expect(waiting.length).toBeGreaterThan(0));
    waiting.shift()?.();
    await setImmediate();
  }
  expect(most).toBe(50);
  expect(sent.map(({ id }) => id)).toEqual(ids);
  expect(sent[100]).toEqual({ id: 'int_100', deliveryIds: ['dlv_1', 'dlv_2'] });
  // What came during its interval is sent at the end, beyond the fifty.
  inboxSignals.signal('int_179', 'dlv_3');
  const closed = inboxSignals.close();
  expect(sent.at(-1)).toEqual({ id: 'int_179', deliveryIds: ['dlv_3'] });
  for (const resolve of waiting) resolve();
  await closed;
});

test('however many integrations of one user are signalled, those of another wait for one signal, of few while Temporal is slow', async () => {
  const waiting: { id: string; userId: string | undefined; resolve: () => void }[] = [];
  const took: number[] = [];
  const inboxSignals = createInboxSignals(
    {
      webhookReceived: (id, _deliveryIds, userId) =>
        new Promise((resolve) => waiting.push({ id, userId, resolve })),
    },
    createLog('fatal'),
    { window: { size: 4, noteAnswer: (ms) => took.push(ms) } },
  );
  for (let number = 0; number < 20; number++) {
    inboxSignals.signal(`int_${number}`, 'dlv_1', 'busy');
  }
  inboxSignals.signal('int_other', 'dlv_1', 'other');
  expect(waiting.map(({ id }) => id)).toEqual(['int_0', 'int_1', 'int_2', 'int_3']);
  await timeout(20);
  for (let answered = 0; answered < 2; answered++) {
    waiting.shift()?.resolve();
    await setImmediate();
  }
  expect(waiting).toHaveLength(4);
  expect(waiting.at(-1)).toMatchObject({ id: 'int_other', userId: 'other' });
  expect(took).toHaveLength(2);
  expect(Math.min(...took)).toBeGreaterThan(15);
  const closed = inboxSignals.close();
  for (const { resolve } of waiting) resolve();
  await closed;
});
