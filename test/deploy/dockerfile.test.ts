import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { composeFile, root } from './compose-file';

const linesOf = (name: string) => readFileSync(path.join(root, name), 'utf8').split('\n');
const dockerfile = linesOf('Dockerfile');

/** What the build takes from this folder, without what one stage takes from another. */
function copied(): string[] {
  const copies = dockerfile.filter((line) => /^COPY (?!--from)/.test(line));
  return copies.flatMap((line) => line.split(' ').slice(1, -1));
}

describe('Dockerfile', () => {
  it('copies what is there and what .dockerignore lets through', () => {
    const [all, ...rest] = linesOf('.dockerignore').filter((line) => /^[^#]/.test(line));
    expect(all).toBe('*');
    expect(copied()).not.toHaveLength(0);
    for (const source of copied()) {
      expect(existsSync(path.join(root, source))).toBe(true);
      expect(rest).toContain(`!${source}`);
    }
  });

  it('keeps secrets, data and modules out of the build', () => {
    const allowed = linesOf('.dockerignore').filter((line) => line.startsWith('!'));
    for (const secret of ['.env', 'holdfast.env', '.holdfast', 'node_modules', 'dist', '.git']) {
      expect(allowed).not.toContain(`!${secret}`);
    }
  });

  it('builds on an exact release of Node, one that package.json takes', () => {
    const [, major, minor] =
      /^ARG NODE_VERSION=(\d+)\.(\d+)\.\d+$/m.exec(dockerfile.join('\n')) ?? [];
    expect(Number(major)).toBeGreaterThanOrEqual(20);
    expect(major === '20' ? Number(minor) : 20).toBeGreaterThanOrEqual(20);
  });

  it('runs the built command as somebody without rights', () => {
    expect(dockerfile).toContainEqual(
      expect.stringMatching(/^ENTRYPOINT \["node", .*"dist\/src\/cli\.js"\]$/),
    );
    expect(dockerfile.lastIndexOf('USER node')).toBeGreaterThan(
      dockerfile.findLastIndex((line) => line.startsWith('FROM ')),
    );
  });

  it('is what the compose file builds', () => {
    expect(readFileSync(composeFile, 'utf8')).toMatch(/^ {2}build: \.$/m);
  });
});
