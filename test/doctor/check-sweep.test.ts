import { createInstallationId } from '../../src/db/queries/installation';
import { checkSweep } from '../../src/doctor/check-sweep';
import { createTemporal, type Temporal } from '../../src/temporal/client';
import { ensureSweep } from '../../src/temporal/sweep/schedule';
import { sweepScheduleId } from '../../workflows/contract/ids';
import { testDatabase, type TestDatabase } from '../support/servers/database';
import { testTemporal } from '../support/servers/temporal';

let db: TestDatabase;
let temporal: Temporal;
let config: Parameters<typeof checkSweep>[0];
beforeAll(async () => {
  db = await testDatabase();
  const { address, namespace } = await testTemporal();
  temporal = createTemporal({ address, namespace });
  config = {
    ...{ databaseUrl: db.runUrl, temporalAddress: address, temporalNamespace: namespace },
    sweepSeconds: 30,
  };
});
afterAll(async () => {
  await temporal.client.schedule
    .getHandle(sweepScheduleId)
    .delete()
    .catch(() => undefined);
  await temporal.close();
  await db.drop();
});

const lines = async () =>
  (await checkSweep(config)).map(({ well, text }) => `${well ? 'ok' : 'wrong'} ${text}`);
const set = (to: string) => db.pool.query(`UPDATE sweep_state SET ${to}`);

test('a line says that the sweep runs; it is wrong where there is none, it is paused, late, or of another installation', async () => {
  expect(await lines()).toEqual([
    'wrong Sweep: there is no schedule; a worker makes it when it starts',
  ]);
  const { client } = temporal;
  const installationId = createInstallationId(db.pool);
  await ensureSweep({ client, db: db.pool, installationId, sweepSeconds: 30 });
  expect(await lines()).toEqual([
    'ok Sweep: none has ended yet; actors were not compared with their rows yet',
  ]);
  await set("last_at = now() - interval '80 seconds', compared_at = now() - interval '40 minutes'");
  expect(await lines()).toEqual([
    'ok Sweep: the last ended 80 s ago; actors were compared with their rows 40 min ago',
  ]);
  await set("last_at = now() - interval '5 minutes'");
  await client.schedule.getHandle(sweepScheduleId).pause('for the move');
  expect(await lines()).toEqual([
    expect.stringMatching(
      /^wrong Sweep: paused \(for the move\); "holdfast temporal schedule toggle .*--unpause/,
    ),
    'wrong Sweep: late; the last ended 5 min ago, and one is due every 30 s',
  ]);
  await db.pool.query("UPDATE installation SET id = 'restored'");
  expect(await lines()).toEqual([
    expect.stringMatching(/^wrong Sweep: the namespace test-\d+ is that of another installation /),
  ]);
});

test('servers that do not answer are other lines', async () => {
  expect(await checkSweep({ ...config, databaseUrl: undefined })).toEqual([]);
  const away = 'postgres://nobody@127.0.0.1:1/none';
  expect(await checkSweep({ ...config, databaseUrl: away })).toEqual([]);
});
