import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { folderVariable, originVariable } from '../recorder/record';
import { readRecords, type Records } from './records';

/** For a file's tests: what they plant stays out of the run's own records. */
export function privateRecords(origin: string): { read: () => Records } {
  const { env } = process;
  const before = { [folderVariable]: env[folderVariable], [originVariable]: env[originVariable] };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'holdfast-records-'));
    Object.assign(env, { [folderVariable]: folder, [originVariable]: origin });
  });
  afterEach(() => {
    Object.assign(env, before);
    rmSync(folder, { recursive: true });
  });
  return { read: () => readRecords(folder) };
}
