import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { adoptKeys } from '../../../src/encryption/adopt-keys';
import { ownPorts } from '../../dev/own-ports';
import { insertSealedRows, sealingKey } from '../../encryption/encrypted-rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { holdfast, temporaryFolder } from '../../support/processes/holdfast';
import { testTemporal } from '../../support/servers/temporal';

jest.setTimeout(120_000);

const old = sealingKey('k1');
const mine = sealingKey('mine');
const setting = ({ id, key }: typeof old) => `${id}:${key.toString('base64')}`;

let db: TestDatabase;
let folder: ReturnType<typeof temporaryFolder>;
let env: Record<string, string>;
beforeAll(async () => {
  folder = temporaryFolder();
  db = await testDatabase();
  const { address, namespace } = await testTemporal();
  env = {
    ...(await ownPorts()),
    DATABASE_URL: db.url,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    HOLDFAST_API_KEYS: 'x'.repeat(32),
    HOLDFAST_KEYS: setting(mine),
  };
  await insertSealedRows(db.pool, old, 1);
  await adoptKeys(db.pool, [old]);
});
afterAll(async () => {
  await db.drop();
  folder.remove();
});

async function run(command: string, keys: string) {
  const ran = holdfast([command], { cwd: folder.dir, env: { ...env, HOLDFAST_KEYS: keys } });
  const code = await ran.ended;
  const output = ran.output();
  for (const { key } of [old, mine]) expect(output).not.toContain(key.toString('base64'));
  return { code, output };
}

test.each(['gateway', 'worker'])(
  'a %s without a key that is in use ends, and names it',
  async (command) => {
    expect(await run(command, setting(mine))).toEqual({
      code: 1,
      output: expect.stringMatching(
        /These settings can't be used:\nHOLDFAST_KEYS: the key "k1" is missing/,
      ) as string,
    });
  },
);

test.each(['gateway', 'worker'])(
  "a %s with other bytes under a key's id ends, and names it",
  async (command) => {
    expect(await run(command, setting({ ...mine, id: 'k1' }))).toEqual({
      code: 1,
      output: expect.stringMatching(
        /HOLDFAST_KEYS: the key "k1" is not the key of that name/,
      ) as string,
    });
  },
);

test('the doctor says so too', async () => {
  expect(await run('doctor', setting(mine))).toEqual({
    code: 1,
    output: expect.stringContaining('wrong  HOLDFAST_KEYS: the key "k1" is missing') as string,
  });
});

test('where "npm start" made the key and another one is set, it says how to have both', async () => {
  const data = path.join(folder.dir, '.holdfast');
  mkdirSync(data);
  writeFileSync(path.join(data, 'keys'), `${setting(old)}\n`, { mode: 0o600 });
  for (const command of ['start', 'doctor']) {
    const { code, output } = await run(command, setting(mine));
    expect(code).toBe(1);
    expect(output).toContain('the key "k1" is missing');
    expect(output).toContain(`is in ${data}/keys: put the content of that file behind your own`);
  }
});
