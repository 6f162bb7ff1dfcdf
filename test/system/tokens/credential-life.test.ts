import fc from 'fast-check';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { life } from './life/commands';
import { play } from './life/play';
import { startWorld, type World } from './life/world';

/** More of them: `HOLDFAST_TEST_PROPERTY_RUNS=2000`. */
const asked = process.env['HOLDFAST_TEST_PROPERTY_RUNS'];
const limitMs = 25_000;

let db: TestDatabase;
let world: World;
beforeAll(async () => {
  db = await testDatabase();
  world = await startWorld(db.pool);
});
afterAll(async () => {
  await world.close();
  await db.drop();
});

test(
  'S3 S33 whatever happens to its credentials, and however late signals come, the status is what the table says of the newest versions, and no dead credential is shown to its provider',
  async () => {
    await fc.assert(
      fc.asyncProperty(life, (one) => play(world, one)),
      asked === undefined
        ? { numRuns: 100, interruptAfterTimeLimit: limitMs }
        : { numRuns: Number(asked) },
    );
  },
  2 * 60 * 60_000,
);
