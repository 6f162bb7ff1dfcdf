import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import path from 'node:path';

/** What the figures were measured on. */
export function describeMachine() {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
  };
}

const packages = ['fastify', 'pg', '@temporalio/client'];

/** @param root the checkout */
export function describeVersions(root: string): Record<string, string> {
  const versionOf = (folder: string) => {
    const file = path.join(root, folder, 'package.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  };
  return {
    node: process.versions.node,
    holdfast: versionOf('.'),
    ...Object.fromEntries(packages.map((name) => [name, versionOf(`node_modules/${name}`)])),
  };
}

/** @returns null where this is no clone */
export function describeCommit(root: string): { commit: string; changed: boolean } | null {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    return { commit: git('rev-parse', 'HEAD'), changed: git('status', '--porcelain') !== '' };
  } catch {
    return null;
  }
}
