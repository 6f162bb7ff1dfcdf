import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const main = path.join(root, 'dist/bench/main.js');
const dataDir = path.join(root, '.holdfast');
const folders = () =>
  existsSync(dataDir) ? readdirSync(dataDir).filter((name) => name.startsWith('bench-')) : [];

interface Results {
  postgres: Record<string, string>;
  targets: { name: string; connections: number }[];
  summary: { system: string; connections: number; rate: { median: number } }[];
  measurements: { system: string; answers: number; rows: number | null; rate: number }[];
}

async function run(...args: string[]): Promise<{ code: unknown; output: string }> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const [code] = (await once(child, 'close')) as unknown[];
  return { code, output };
}

describe('npm run bench', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-bench-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  test('in its smallest form it stores a row for each answer, says so in a file and leaves nothing', async () => {
    const before = folders();
    const file = path.join(dir, 'results.json');
    const smallest = ['--quick', '--seconds', '0.2', '--connections', '1,3', '--output', file];
    const { code, output } = await run(...smallest);
    expect(output).toContain('webhooks/s');
    expect(code).toBe(0);

    const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
    expect(results.postgres).toMatchObject({ fsync: 'on', synchronous_commit: 'on' });
    expect(results.measurements.map(({ system }) => system).join('')).toBe('ABCDABCD');
    for (const { system, answers, rows, rate } of results.measurements) {
      expect(answers).toBeGreaterThan(0);
      expect(rate).toBeGreaterThan(0);
      expect(rows).toBe(system === 'A' ? null : answers);
    }
    expect(results.summary.map(({ system, connections }) => `${system}${connections}`)).toEqual(
      [1, 3].flatMap((count) => ['A', 'B', 'C', 'D'].map((letter) => `${letter}${count}`)),
    );
    expect(results.targets).toMatchObject([{ name: 'C, median time', connections: 1 }]);
    expect(folders()).toEqual(before);
  }, 180_000);

  test('it explains itself, and an option that it does not know', async () => {
    const [help, wrong] = await Promise.all([run('--help'), run('--rounds', 'many')]);
    expect(help.code).toBe(0);
    expect(help.output).toContain('--quick');
    expect(wrong.code).toBe(2);
    expect(wrong.output).toContain('--rounds takes numbers');
  });
});
