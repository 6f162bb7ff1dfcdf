import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { validate } from 'dockerfile-utils';
import { composeFile, root } from './compose-file';

const linesOf = (name: string) => readFileSync(path.join(root, name), 'utf8').split('\n');
const dockerfile = linesOf('Dockerfile');

/** What the build takes from this folder, without what one stage takes from another. */
function copied(): string[] {
  const copies = dockerfile.filter((line) => /^COPY (?!--from)/.test(line));
  const sources = copies.flatMap((line) => line.split(' ').slice(1, -1));
  return sources.filter((source) => !source.startsWith('--'));
}

/** The lines of its last stage, which is what runs. */
const lastStage = dockerfile.slice(dockerfile.findLastIndex((line) => line.startsWith('FROM ')));

describe('Dockerfile', () => {
  it('is without a fault in its instructions', () => {
    expect(validate(dockerfile.join('\n'))).toEqual([]);
  });

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

  it('builds on an exact release of Node, the line that has long-term support', () => {
    const [, major, minor] =
      /^ARG NODE_VERSION=(\d+)\.(\d+)\.\d+$/m.exec(dockerfile.join('\n')) ?? [];
    expect(Number(major)).toBe(24);
    expect(Number(minor)).toBeGreaterThanOrEqual(21);
  });

  it('runs the built command as somebody without rights', () => {
    expect(dockerfile).toContainEqual(
      expect.stringMatching(/^ENTRYPOINT \["node", .*"dist\/src\/cli\.js"\]$/),
    );
    // A number: Kubernetes refuses a name where `runAsNonRoot` is set.
    expect(lastStage).toContain('USER 1000:1000');
    expect(lastStage.filter((line) => /^(RUN|ADD) /.test(line))).toEqual([]);
  });

  it('installs by the lockfile, as nobody special, and keeps nothing but what production needs', () => {
    const installs = dockerfile.filter((line) => /\bnpm (ci|i|install)\b/.test(line));
    expect(installs).toEqual([
      expect.stringMatching(/^RUN npm ci --include=dev /),
      expect.stringMatching(/^RUN npm ci --omit=dev --omit=optional --ignore-scripts /),
    ]);
    for (const line of installs) {
      const before = dockerfile.slice(0, dockerfile.indexOf(line));
      const stage = before.slice(before.findLastIndex((one) => one.startsWith('FROM ')));
      expect(stage).toContain('USER 1000:1000');
    }
    const taken = lastStage.filter((line) => line.startsWith('COPY --from='));
    expect(taken.map((line) => line.split(' ').slice(-2).join(' '))).toEqual([
      '/app/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt',
      '/app/node_modules node_modules',
      '/app/dist dist',
    ]);
    // What runs can't change what it is.
    for (const line of taken) expect(line).toContain('--chown=0:0');
  });

  it('is what the compose file builds', () => {
    expect(readFileSync(composeFile, 'utf8')).toMatch(/^ {2}build: \.$/m);
  });
});
