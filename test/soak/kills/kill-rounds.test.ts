import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { faultKinds } from '../../../bench/kills/plan';
import type { RoundResult } from '../../../bench/kills/rounds';
import { nothingLeft } from '../../dev/processes-of';
import { holdfast, type Run } from '../../support/processes/holdfast';

const data = path.resolve(__dirname, '../../../.holdfast');
const folders = () =>
  existsSync(data) ? readdirSync(data).filter((name) => name.startsWith('kills-')) : [];
const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-kills-'));
const runs: Run[] = [];
const kills = (...args: string[]) => {
  const run = holdfast(args, { cwd: dir, script: '../bench/kills/main.js' });
  runs.push(run);
  return run;
};
afterAll(async () => {
  for (const { child } of runs) child.kill('SIGTERM');
  await Promise.all(runs.map(({ ended }) => ended));
  rmSync(dir, { recursive: true });
});

/** Seconds: 20 on a machine that has nothing else to do; one that others use too takes longer for everything. */
const backWithin = Math.ceil(20 * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism()));

test('S26 S42 four rounds of kills with all kinds of faults, one of them with two at once: nothing acknowledged is lost, order is kept, no status changes, and all are handled again in time', async () => {
  const before = folders();
  const file = path.join(dir, 'kills.json');
  const rounds = '--rounds 4 --seed 7 --longest-away 6'.split(' ');
  const run = kills(...rounds, '--back-within', String(backWithin), '--output', file);
  const code = await run.ended;
  if (code !== 0) throw new Error(run.output());
  console.info(run.output().slice(run.output().indexOf('| Round')));

  const results = JSON.parse(readFileSync(file, 'utf8')) as { rounds: RoundResult[] };
  const kinds = results.rounds.flatMap(({ faults }) => faults.map(({ kind }) => kind));
  expect(kinds.sort()).toEqual([...faultKinds].sort());
  for (const { lost, outOfOrder, changed, acknowledged } of results.rounds) {
    expect({ lost, outOfOrder, changed }).toEqual({ lost: 0, outOfOrder: 0, changed: [] });
    expect(acknowledged).toBeGreaterThan(0);
  }
  expect(folders()).toEqual(before);
}, 600_000);

test('npm run kills explains itself, and ends all that it has started when it is interrupted', async () => {
  const [help, wrong] = [kills('--help'), kills('--rounds', 'many')];
  expect([await help.ended, await wrong.ended]).toEqual([0, 2]);
  expect(help.output()).toContain('--longest-away');
  expect(wrong.output()).toContain('--rounds takes whole numbers');

  const before = folders();
  // Postgres is stopped first: what is stopped hears of no end.
  const run = kills('--seed', '8');
  await run.says('postgres is away', 120_000);
  const folder = folders().find((name) => !before.includes(name)) ?? 'none';
  run.child.kill('SIGINT');
  expect(await run.ended).toBe(130);
  await nothingLeft(folder);
  expect(folders()).toEqual(before);
}, 240_000);
