import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { searchAttributes } from '../../../workflows/contract/ids';
import { createTemporal } from '../../../src/temporal/client';
import { testDatabase } from '../servers/database';
import { eventually } from '../eventually';
import { noteSecret } from '../recorder/record';
import { testTemporal } from '../servers/temporal';
import { insertCredential, insertRejection } from '../scenes/rows';
import { keepDataFolder } from './data-folder';
import { keepHistories } from './histories';
import { privateRecords } from './private-records';
import { scan } from './scan';

const { read } = privateRecords('test/some.test.ts');

const secret = () => {
  const value = randomBytes(18).toString('base64url');
  noteSecret('access token', value);
  return value;
};
const found = () => scan(read()).map(({ sink, origin }) => `${sink} (${origin})`);

test.each(['workflow input', 'signal', 'memo', 'search attribute'])(
  'a secret in a %s is found in the history',
  async (place) => {
    const { address, namespace } = await testTemporal();
    const temporal = createTemporal({ address, namespace });
    const at = (one: string) => (one === place ? secret() : 'nothing');
    try {
      await temporal.client.workflow.signalWithStart('any', {
        workflowId: 'one',
        taskQueue: 'nobody-listens',
        args: [{ deep: [at('workflow input')] }],
        signal: 'any',
        signalArgs: [at('signal')],
        memo: { any: at('memo') },
        typedSearchAttributes: [{ key: searchAttributes.user, value: at('search attribute') }],
      });
      // A list shows what was started a moment later.
      await eventually(async () => {
        expect((await temporal.client.workflow.count()).count).toBe(1);
      });
      await keepHistories(address, [namespace]);
    } finally {
      await temporal.close();
    }
    expect(found()).toEqual([`workflow history (test/some.test.ts, namespace ${namespace})`]);
  },
);

test('a secret in a row is found when the database is dropped, also in a column of bytes', async () => {
  const database = await testDatabase();
  await insertCredential(database.pool, { access_token: Buffer.from(secret()) });
  await insertRejection(database.pool, { reason: `not this one: ${secret()}` });
  await database.drop();
  expect(found().sort()).toEqual([
    'database row (test/some.test.ts, table credentials)',
    'database row (test/some.test.ts, table rejections)',
  ]);
});

test("a secret in a stack's logs or in its Temporal's file is found, its own keys are not", () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-data-'));
  try {
    mkdirSync(path.join(dir, '.holdfast'));
    for (const name of ['api-key', 'temporal.db', 'temporal.db-wal', 'postgres.log']) {
      writeFileSync(path.join(dir, '.holdfast', name), `\0\0${secret()}\0`);
    }
    keepDataFolder(dir);
    expect(found().sort()).toEqual([
      'process output (test/some.test.ts, postgres.log)',
      'workflow history (test/some.test.ts, temporal.db)',
      'workflow history (test/some.test.ts, temporal.db-wal)',
    ]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
