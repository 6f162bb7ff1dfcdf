import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Of the package that this file is of, built or not. */
export function ownVersion(): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package.json')) && folder !== path.dirname(folder)) {
    folder = path.dirname(folder);
  }
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}
