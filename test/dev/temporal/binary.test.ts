import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import type { AddressInfo } from 'node:net';
import { sha256 } from '../../../src/crypto/hash';
import type { Guarded } from '../../../src/dev/process/guarded';
import { createProgress } from '../../../src/dev/progress';
import { findTemporal, type LadderOptions } from '../../../src/dev/temporal/binary';
import { officialArchive } from '../../../src/dev/temporal/download';
import { eventually } from '../../support/eventually';
import { temporaryFolder } from '../../support/processes/holdfast';
import { processesOf } from '../processes-of';

let folder: ReturnType<typeof temporaryFolder>;
let said: string[];
let options: LadderOptions & { cacheDir: string };

beforeEach(() => {
  folder = temporaryFolder();
  said = [];
  options = {
    progress: createProgress((line) => said.push(line)),
    searchPath: path.join(folder.dir, 'bin'),
    cacheDir: path.join(folder.dir, 'cache'),
    archive: { url: 'http://127.0.0.1:9/archive', sha256: '0' },
    go: path.join(folder.dir, 'no-go'),
  };
});
afterEach(() => folder.remove());

/** A script in the place of a command. */
function script(name: string, body: string): string {
  const file = path.join(folder.dir, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

const answers = (version: string) => `echo "temporal version ${version} (Server 1.31.2)"`;

/** Writes what `-o` names, as `go build` does. */
const goThatBuilds = `
[ "$1" = list ] && exit 0
while [ "$1" != -o ]; do shift; done
echo '#!/bin/sh' > "$2.tmp"; echo '${answers('1.8.2')}' >> "$2.tmp"
chmod +x "$2.tmp"; sleep 0.3; mv "$2.tmp" "$2"`;

test('a command on the PATH is used as it is', async () => {
  const binary = script('bin/temporal', answers('1.5.0'));
  expect(await findTemporal(options)).toEqual({ binary, version: '1.5.0' });
  expect(said).toEqual([]);
});

test('one that is too old is named, and the ladder goes on', async () => {
  script('bin/temporal', answers('1.3.9'));
  const kept = script('cache/temporal-1.8.2-checked', answers('1.8.2'));
  expect(await findTemporal(options)).toEqual({ binary: kept, version: '1.8.2' });
  expect(said.join('\n')).toMatch(/is version 1\.3\.9; 1\.4\.0 or later is needed/);
});

test('of what earlier versions kept only a build from the pinned module is run', async () => {
  const ran = path.join(folder.dir, 'ran');
  for (const version of ['1.8.2', '1.10.0']) {
    script(`cache/temporal-${version}`, `touch ${ran}; ${answers(version)}`);
  }
  await expect(findTemporal(options)).rejects.toThrow('No Temporal server could be had');
  expect(existsSync(ran)).toBe(false);
  script('cache/temporal-1.8.2-checked', 'exit 1');
  const module = 'mod\tgithub.com/temporalio/cli\tv1.8.2\th1:a-sum=';
  const binary = script('cache/temporal-1.8.2', `${answers('1.8.2')}\n# ${module}`);
  expect(await findTemporal(options)).toEqual({ binary, version: '1.8.2' });
});

describe('the download', () => {
  let server: Server;
  let url: string;
  const asked: (string | undefined)[] = [];
  /** A server's archive with such a command in it. @returns its sum */
  async function offer(body: string, isCut = false): Promise<string> {
    script('archive/temporal', body);
    execFileSync('tar', ['-czf', 'archive.tar.gz', '-C', 'archive', 'temporal'], {
      cwd: folder.dir,
    });
    const archive = readFileSync(path.join(folder.dir, 'archive.tar.gz'));
    server = createServer((request, response) => {
      asked.push(request.url);
      response.setHeader('content-length', archive.length);
      if (!isCut) return response.end(archive);
      return response.write(archive.subarray(0, 100), () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/archive`;
    return sha256(archive).toString('hex');
  }
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  test('is unpacked, tried and kept for the next time', async () => {
    const sum = await offer(answers('1.8.2'));
    options.archive = { url, sha256: sum };
    const binary = path.join(options.cacheDir, 'temporal-1.8.2-checked');
    expect(await findTemporal(options)).toEqual({ binary, version: '1.8.2' });
    expect(await findTemporal(options)).toEqual({ binary, version: '1.8.2' });
    expect(asked).toEqual(['/archive']);
    expect(readdirSync(options.cacheDir)).toEqual(['temporal-1.8.2-checked']);
  });

  test('of anything but the known bytes is neither unpacked, run nor kept', async () => {
    const ran = path.join(folder.dir, 'ran');
    const arrived = await offer(`touch ${ran}; ${answers('1.8.2')}`);
    options.archive = { url, sha256: 'a'.repeat(64) };
    await expect(findTemporal(options)).rejects.toThrow(
      `what arrived is not the release: its SHA-256 is ${arrived}, not aaaa`,
    );
    expect(existsSync(ran)).toBe(false);
    expect(readdirSync(options.cacheDir)).toEqual([]);
  });

  test('that is cut off leaves nothing, and the next one begins anew', async () => {
    const sum = await offer(answers('1.8.2'), true);
    options.archive = { url, sha256: sum };
    await expect(findTemporal(options)).rejects.toThrow('No Temporal server could be had');
    expect(readdirSync(options.cacheDir)).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
    options.archive = { sha256: await offer(answers('1.8.2')), url };
    await findTemporal(options);
    expect(readdirSync(options.cacheDir)).toEqual(['temporal-1.8.2-checked']);
  });
});

test('the release that is downloaded is the one that is built, and has a sum for each machine', () => {
  const goMod = readFileSync(path.resolve('src/dev/temporal/cli/go.mod'), 'utf8');
  const [, built] = /^require github\.com\/temporalio\/cli v(\S+)$/m.exec(goMod) ?? [];
  for (const platform of ['linux', 'darwin']) {
    for (const [arch, name] of [
      ['x64', 'amd64'],
      ['arm64', 'arm64'],
    ] as const) {
      expect(officialArchive(platform, arch)).toEqual({
        url: `https://github.com/temporalio/cli/releases/download/v${built ?? ''}/temporal_cli_${built ?? ''}_${platform}_${name}.tar.gz`,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      });
    }
  }
  expect(() => officialArchive('win32', 'x64')).toThrow('there is none for win32');
});

test('without download it is built, and two builders at once leave one whole command', async () => {
  options.go = script('go', goThatBuilds);
  const binary = path.join(options.cacheDir, 'temporal-1.8.2-checked');
  const found = await Promise.all([findTemporal(options), findTemporal(options)]);
  expect(found).toEqual(Array(2).fill({ binary, version: '1.8.2' }));
  expect(readdirSync(options.cacheDir)).toEqual(['temporal-1.8.2-checked']);
  expect(said.join('\n')).toMatch(
    /official download.*127\.0\.0\.1:9(.|\n)*downloading modules(.|\n)*compiling/,
  );
});

test('a build that produces something else is not kept', async () => {
  options.go = script('go', goThatBuilds.replace('temporal version', 'another command'));
  await expect(findTemporal(options)).rejects.toThrow('a build with Go');
  expect(readdirSync(options.cacheDir)).toEqual([]);
});

test('when nothing works, one message says what was tried and what to install', async () => {
  script('bin/temporal', 'exit 3');
  const failure = await findTemporal(options).catch((error: unknown) => error as Error);
  expect((failure as Error).message).toMatch(
    /No Temporal server(.|\n)*on the PATH: .* does not run(.|\n)*official download: 127\.0\.0\.1:9(.|\n)*Go is not installed(.|\n)*Install .*TEMPORAL_ADDRESS/,
  );
  expect(readdirSync(options.cacheDir)).toEqual([]);
});

test('a build that is stopped leaves neither process nor file', async () => {
  options.go = script('go', '[ "$1" = list ] && exit 0; exec sleep 76544');
  let build: Guarded | undefined;
  options.started = (process) => (build = process);
  const failure = findTemporal(options).catch((error: unknown) => error);
  await eventually(() => expect(processesOf('sleep 76544')).not.toEqual([]));
  await build?.stop();
  expect(processesOf('sleep 76544')).toEqual([]);
  expect(readdirSync(options.cacheDir)).toEqual([]);
  expect(await failure).toBeInstanceOf(Error);
});

test('a long step says every few seconds that it goes on', async () => {
  options.go = script('go', `[ "$1" = list ] && sleep 4.5; exit 1`);
  await expect(findTemporal(options)).rejects.toThrow('ended with 1');
  expect(said.filter((line) => line.includes('so far'))).toHaveLength(1);
});
