import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { columnName, sealedColumns } from '../../src/crypto/encrypted-columns';
import { createEnvelope } from '../../src/crypto/envelope';
import { sha256 } from '../../src/crypto/hash';
import { openGrantOrNull, sealGrant } from '../../src/db/queries/people/waiting-grant';
import { sealingKey } from '../encryption/encrypted-rows';
import { testDatabase, type TestDatabase } from '../support/servers/database';

/** Binary columns with no secrets in them, other than hashes. */
const plain = [
  ...['deliveries.body', 'sealing_keys.known_text', 'rotated_refresh_tokens.hash'],
  ...['rejections.hash', 'same_bodies.hash', 'webhook_signatures.hash'],
];

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const root = path.resolve(__dirname, '../..');

/** What the code seals and opens, as it is written there: `credentials.access_token`. */
function contextsInCode(): Set<string> {
  const found = new Set<string>();
  for (const folder of ['src', 'activities']) {
    for (const file of readdirSync(path.join(root, folder), {
      recursive: true,
      encoding: 'utf8',
    })) {
      if (!file.endsWith('.ts')) continue;
      const text = readFileSync(path.join(root, folder, file), 'utf8');
      for (const [, name] of text.matchAll(/`([a-z_]+\.(?:[a-z_]+|\$\{column\})):\$\{/g)) {
        if (name !== undefined) found.add(name);
      }
    }
  }
  return found;
}

test('every binary column is in the list of sealed ones, or is known to hold no secret', async () => {
  const { rows } = await db.pool.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND data_type = 'bytea'`,
  );
  const binary = rows.map(({ name }) => name).filter((name) => !name.endsWith('_hash'));
  const listed = sealedColumns.map(columnName);
  expect(binary.sort()).toEqual([...listed, ...plain].sort());
});

test('what the code seals is in the list, and nothing else is', () => {
  const contexts = contextsInCode();
  contexts.delete('sealing_keys.known_text');
  const listed = new Set<string>(sealedColumns.map(({ context }) => context));
  const dynamic = [...contexts].filter((name) => name.endsWith('.${column}'));
  expect(dynamic).toEqual(['credentials.${column}']);
  for (const name of dynamic) contexts.delete(name);
  contexts.add('credentials.access_token').add('credentials.refresh_token');
  expect(contexts).toEqual(listed);
});

test.each(sealedColumns.map((column) => ({ name: columnName(column), ...column })))(
  '$name is found by its key in an index',
  async ({ table, column, key }) => {
    const { rows } = await db.pool.query<{ indexdef: string }>(
      'SELECT indexdef FROM pg_indexes WHERE tablename = $1',
      [table],
    );
    const index = `USING btree (sealed_key(${column}), ${key}) WHERE (${column} IS NOT NULL)`;
    expect(rows.filter(({ indexdef }) => indexdef.endsWith(index))).toHaveLength(1);
  },
);

test('a grant that waits is sealed for its own code', () => {
  const envelope = createEnvelope([sealingKey('k1')]);
  const [own, other] = [sha256('own'), sha256('other')];
  const sealed = sealGrant(envelope, own, {
    grant: { accessToken: 'x', proven: true },
    parameters: null,
  });
  expect(openGrantOrNull(envelope, own, sealed)).toMatchObject({ grant: { accessToken: 'x' } });
  expect(openGrantOrNull(envelope, other, sealed)).toBeNull();
});
