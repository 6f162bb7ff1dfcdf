import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { earlierMigration } from '../support/processes/earlier-version';

const dir = path.join(__dirname, '../../src/db/migrations');
const isNewer = (file: string) => path.parse(file).name > earlierMigration;
const newer = readdirSync(dir).filter((file) => file.endsWith('.sql') && isNewer(file));

/** A row for each webhook, user or call: what reads or writes all of them lets each webhook wait. */
const growing = [
  ...['audit', 'credentials', 'deliveries', 'delivery_attempts', 'idempotency_keys'],
  ...['integration_credentials', 'integrations', 'notices', 'transitions'],
];

/** Statements without comments; what stands in $$ or quotes doesn't end one. */
function statementsOf(sql: string): string[] {
  const bare = sql.replaceAll(/--[^\n]*/g, ' ');
  const parts = bare.match(/(?:\$(\w*)\$[\s\S]*?\$\1\$|'(?:[^']|'')*'|[^;])+/g) ?? [];
  return parts.map((part) => part.replaceAll(/\s+/g, ' ').trim()).filter((part) => part !== '');
}

/** Actions of an ALTER TABLE: commas in parentheses part none. */
const actionsOf = (text: string): string[] =>
  text.match(/(?:\((?:[^()]|\([^()]*\))*\)|'[^']*'|[^,])+/g)?.map((part) => part.trim()) ?? [];

/** What of a migration the version before can't live with, or lets everybody wait. @returns the statements */
function faultsOf(sql: string): string[] {
  const statements = statementsOf(sql);
  const made = new Set(
    statements.flatMap((one) => /^CREATE TABLE (\w+)/i.exec(one)?.[1]?.toLowerCase() ?? []),
  );
  const isLarge = (table = '') => growing.includes(table.toLowerCase());
  const isNew = (table = '') => made.has(table.toLowerCase());
  const mayAlter = (table: string, action: string): boolean => {
    if (/^ALTER COLUMN \w+ (SET DEFAULT|DROP NOT NULL)/i.test(action)) return true;
    if (!/^ADD COLUMN /i.test(action)) return false;
    const isWritten = !/ NOT NULL/i.test(action) || / DEFAULT /i.test(action);
    const rewrites = /random|uuid|clock_timestamp|nextval|serial|GENERATED/i.test(action);
    const reads = / (CHECK|REFERENCES|UNIQUE|PRIMARY)\b/i.test(action);
    return isWritten && !(isLarge(table) && (rewrites || reads));
  };
  return statements.filter((one) => {
    const [, altered, actions = ''] = /^ALTER TABLE (\w+) (.*)$/i.exec(one) ?? [];
    if (altered !== undefined)
      return !isNew(altered) && !actionsOf(actions).every((action) => mayAlter(altered, action));
    const [, indexed] = /^CREATE (?:UNIQUE )?INDEX \w+ ON (\w+)/i.exec(one) ?? [];
    // `src/db/build-indexes.ts` builds those beside the writes.
    if (indexed !== undefined) return isLarge(indexed);
    const [, written] = /^(?:UPDATE|INSERT INTO) (\w+)/i.exec(one) ?? [];
    if (written !== undefined) return isLarge(written);
    return !/^(CREATE (TABLE|VIEW|OR REPLACE VIEW|FUNCTION|OR REPLACE FUNCTION)|COMMENT ON) /i.test(
      one,
    );
  });
}

test.each(newer)(
  '%s only adds, so that processes of the version before run on, and no webhook waits for all rows',
  (file) => {
    expect(faultsOf(readFileSync(path.join(dir, file), 'utf8'))).toEqual([]);
  },
);

test.each([
  'ALTER TABLE sessions DROP COLUMN scope',
  'ALTER TABLE sessions RENAME COLUMN scope TO rights',
  'ALTER TABLE sessions ALTER COLUMN scope TYPE int USING 1',
  'ALTER TABLE sessions ALTER COLUMN user_label SET NOT NULL',
  'ALTER TABLE sessions ADD COLUMN a numeric(3, 1), ADD COLUMN b text NOT NULL',
  'ALTER TABLE deliveries ADD COLUMN a uuid DEFAULT gen_random_uuid()',
  "ALTER TABLE deliveries ADD COLUMN a text CHECK (a IN ('b', 'c'))",
  'CREATE INDEX deliveries_a ON deliveries (a)',
  'UPDATE integrations SET a = 1',
  'DROP TABLE sessions',
  'DROP VIEW connector_health',
  'CREATE TRIGGER t BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION f()',
])('what is no addition is found: %s', (statement) => {
  expect(faultsOf(`-- Up Migration\nCREATE TABLE a (b text);\n${statement};`)).toEqual([statement]);
});

test('what only adds passes, and what stands in bodies and comments is no statement', () => {
  const sql = `-- Up Migration; DROP TABLE a;
    CREATE TABLE a (b text CHECK (b IN ('x;y', 'z')));
    CREATE INDEX a_b ON a (b);
    ALTER TABLE a ADD COLUMN c int NOT NULL, DROP COLUMN b;
    ALTER TABLE deliveries ADD COLUMN d text, ADD COLUMN e numeric(3, 1) NOT NULL DEFAULT 0;
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM a; RETURN NULL; END $$;
    INSERT INTO a (c) VALUES (1);`;
  expect(faultsOf(sql)).toEqual([]);
});
