import { append, originVariable } from './record';

/** Shorter ones make nothing slow. */
const shortestMs = 300;

/** Keeps how long a test file waited for a condition, and where in it, for the list of slow files. */
export function noteWait(ms: number, caller: Error): void {
  if (ms < shortestMs) return;
  const frames = (caller.stack ?? '')
    .split('\n')
    .map((line) => /(test\/[^():]+:\d+)/.exec(line)?.[1]);
  const at = frames.find((frame) => frame !== undefined && !frame.includes('support/eventually'));
  const wait = {
    file: process.env[originVariable] ?? '',
    at: at ?? 'somewhere',
    ms: Math.round(ms),
  };
  append('waits', `${JSON.stringify(wait)}\n`);
}
