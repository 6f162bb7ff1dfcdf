import { writeFileSync } from 'node:fs';
import { dataDirPaths } from '../../src/dev/data-dir';
import { explainLocalKeys } from '../../src/dev/local-keys';
import { SealingKeyError } from '../../src/encryption/encryption-key-error';
import { temporaryFolder } from '../support/processes/holdfast';

const material = Buffer.alloc(32, 7).toString('base64');
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  writeFileSync(dataDirPaths(folder.dir).keys, `k20260101:${material}\n`);
});
afterEach(() => folder.remove());

const explained = (id: string, HOLDFAST_KEYS?: string) =>
  explainLocalKeys(
    new SealingKeyError([id], ['HOLDFAST_KEYS: it does not fit']),
    { HOLDFAST_KEYS },
    dataDirPaths(folder.dir),
  ).message;

test('a key that "npm start" made is pointed at, not shown, where another one is set', () => {
  const message = explained('k20260101', 'mine:…');
  expect(message).toMatch(/^HOLDFAST_KEYS: it does not fit\n.*behind your own key/);
  expect(message).toContain(dataDirPaths(folder.dir).keys);
  expect(message).not.toContain(material);
});

test('any other key, and no setting at all, have no such remedy', () => {
  expect(explained('another', 'mine:…')).toBe('HOLDFAST_KEYS: it does not fit');
  expect(explained('k20260101')).toBe('HOLDFAST_KEYS: it does not fit');
});
