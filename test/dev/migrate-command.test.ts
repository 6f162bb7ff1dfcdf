import { emptyDatabase } from '../support/servers/database';
import { holdfast, temporaryFolder } from '../support/processes/holdfast';

test('two processes that migrate at once both succeed, and one that is not the owner is told so', async () => {
  const folder = temporaryFolder();
  const database = await emptyDatabase();
  try {
    const env = { DATABASE_URL: database.runUrl, HOLDFAST_MIGRATE_DATABASE_URL: database.url };
    const runs = [1, 2].map(() => holdfast(['migrate'], { cwd: folder.dir, env }));
    for (const run of runs) expect([await run.ended, run.output()]).toEqual([0, run.output()]);
    const outputs = runs.map((run) => run.output()).join('');
    expect(outputs.match(/0001_tables/g)).toHaveLength(1);

    const { DATABASE_URL } = env;
    const other = holdfast(['migrate'], { cwd: folder.dir, env: { DATABASE_URL } });
    expect(await other.ended).toBe(1);
    expect(other.output()).toMatch(
      /^holdfast: These settings can't be used:\nHOLDFAST_MIGRATE_DATABASE_URL: the tables belong to the role "[^\n]+\n$/,
    );
  } finally {
    await database.drop();
    folder.remove();
  }
});
