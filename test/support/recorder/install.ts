import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { transformFileSync } from '@swc/core';
import { folderVariable } from './record';

/**
 * From here on, this process and all that it starts read along; to call once the servers of the run
 * are up.
 *
 * @returns the folder of the records
 */
export function startRecording(dir: string): string {
  const records = path.join(dir, 'records');
  const built = path.join(dir, 'recorder');
  for (const folder of [records, built]) mkdirSync(folder, { mode: 0o711 });
  for (const file of readdirSync(__dirname)) {
    const { code } = transformFileSync(path.join(__dirname, file), {
      jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    writeFileSync(path.join(built, file.replace(/\.ts$/, '.js')), code);
  }
  const preload = path.join(built, 'preload.js');
  process.env[folderVariable] = records;
  process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --require ${preload}`.trim();
  createRequire(__filename)(preload);
  return records;
}
