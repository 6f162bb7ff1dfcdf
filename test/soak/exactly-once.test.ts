import { setTimeout as delay } from 'node:timers/promises';
import { type ProcessScene, startProcessScene } from '../support/processes/process-scene';
import { type OwnTemporal, shortPolls, startOwnTemporal } from '../support/servers/own-temporal';
import { eventually } from '../support/eventually';
import { countHandledMarks } from '../support/scenes/handled-marks';
import { startInterruptedWorkers } from '../support/processes/interrupted-workers';
import { seededRandom } from '../support/random';

/** Kills and stops together: 20 by hand, fewer in every run. */
const interruptions = Number(process.env['HOLDFAST_TEST_INTERRUPTIONS'] ?? 4);
const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Date.now() % 1_000_000);
/** At the least. */
const deliveries = 200;
const takeover = { timeoutMs: 150_000, everyMs: 5 };

let temporal: OwnTemporal;
let scene: ProcessScene;
beforeAll(async () => {
  temporal = await startOwnTemporal(shortPolls);
  scene = await startProcessScene({ temporal, config: { sweepSeconds: 1 } });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await temporal.close();
});

/** Half of them kills, in any order, each in the middle of its share of the deliveries. */
function planned(random: () => number) {
  const kinds = ['kill', 'overtake', 'kill', 'stall'] as const;
  return Array.from({ length: interruptions }, (_, index) => ({
    how: kinds[index % kinds.length] ?? 'kill',
    place: random(),
  }))
    .sort((a, b) => a.place - b.place)
    .map(({ how }, index) => ({
      how,
      afterReceived: 1 + Math.floor(((index + random()) * (deliveries - 1)) / interruptions),
      withinMs: 100 * random(),
    }));
}

test(`S26 workers killed, or stopped and continued, ${interruptions} times: each delivery is handled, marked once, and none starts before the one ahead of it has ended (seed ${seed})`, async () => {
  const random = seededRandom(seed);
  const pauses = seededRandom(seed + 1);
  const marks = await countHandledMarks(scene.system.pool);
  const { received } = scene.destination;
  scene.destination.answer((_request, answer) => {
    setTimeout(() => answer.writeHead(204).end(), 10 + 80 * pauses());
  });
  const integration = await scene.connect();
  const sent: string[] = [];
  const send = async (count: number) => {
    for (let index = 0; index < count; index++) sent.push((await scene.webhook(integration)).id);
  };
  await send(deliveries);

  const workers = startInterruptedWorkers(scene.system, scene.processes, { count: 2, random });
  const over = new AbortController();
  const feeding = (async () => {
    // Who drains can be interrupted; so there is always something to drain.
    while (!over.signal.aborted) {
      if (sent.length - received.length < deliveries / 4) await send(10);
      else await delay(20);
    }
  })();
  for (const { how, afterReceived, withinMs } of planned(random)) {
    await eventually(() => expect(received.length).toBeGreaterThanOrEqual(afterReceived), takeover);
    await delay(withinMs);
    await workers[how]();
  }
  await workers.settled();
  over.abort();
  await feeding;
  await eventually(
    async () =>
      expect((await scene.show(integration.id)).inbox).toMatchObject({
        handled: sent.length,
        pending: 0,
      }),
    { ...takeover, everyMs: 200 },
  );
  // Whatever one that was stopped still does, it has done when it has ended.
  await workers.end();

  expect(await marks.read()).toEqual(new Map(sent.map((id) => [id, 1])));
  // Each as often as it was sent, in the order in which they came in, ...
  expect(received.map(({ id }) => id).filter((id, at, all) => id !== all[at - 1])).toEqual(sent);
  // ... and nowhere two at a time, also not the same one twice.
  const early = received.filter(({ at }, index) => {
    const before = received[index - 1];
    return before !== undefined && (before.endedAt === null || before.endedAt > at);
  });
  expect(early).toEqual([]);
  const repeats = received.length - sent.length;
  console.info(
    `${interruptions} kills and stops; ${repeats} of ${sent.length} deliveries repeated`,
  );
  expect(repeats).toBeLessThanOrEqual(interruptions);
}, 3_600_000);
