import { emptyDatabase } from '../support/servers/database';
import { holdfast, temporaryFolder } from '../support/processes/holdfast';

test('two processes that migrate at once both succeed', async () => {
  const folder = temporaryFolder();
  const database = await emptyDatabase();
  try {
    const env = { DATABASE_URL: database.runUrl, HOLDFAST_MIGRATE_DATABASE_URL: database.url };
    const runs = [1, 2].map(() => holdfast(['migrate'], { cwd: folder.dir, env }));
    for (const run of runs) expect([await run.ended, run.output()]).toEqual([0, run.output()]);
    const outputs = runs.map((run) => run.output()).join('');
    expect(outputs.match(/0001_tables/g)).toHaveLength(1);
  } finally {
    await database.drop();
    folder.remove();
  }
});
