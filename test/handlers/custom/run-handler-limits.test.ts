import type { HandlerRun } from '../../../src/handlers/custom/run-handler';
import { createLog } from '../../../src/lib/log';
import { api, run } from './running';

const forEver = () => new Promise<void>(() => undefined);

test('the time limit ends a handler that heeds the signal', async () => {
  const heeds: HandlerRun['handler'] = (_, ctx) =>
    new Promise((_resolve, reject) => {
      const cause = new Error('the third page was slow');
      ctx.signal.addEventListener('abort', () => reject(new Error('gave up', { cause })));
    });
  // Where it was, and why, is for whoever mends it; the log has none of its words.
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  expect(await run(heeds, { timeoutMs: 50, log })).toMatchObject({
    ...{ kind: 'retry', thrown: true },
    error: expect.stringMatching(
      /^The handler was not done within 50 ms\ngave up; caused by: the third page was slow\n {4}at .*run-handler-limits/,
    ) as unknown,
  });
  expect(lines.join()).toContain('handler.threw');
  expect(lines.join()).not.toMatch(/gave up|third page/);
});

test('a handler that ignores the signal is left behind, noted, and can send nothing any more', async () => {
  const lines: string[] = [];
  let afterwards: Promise<unknown> = Promise.resolve();
  const ignores: HandlerRun['handler'] = (_, ctx) => {
    ctx.signal.addEventListener('abort', () => {
      afterwards = ctx.fetch(api).catch((error: unknown) => error);
    });
    return forEver();
  };
  const log = createLog('info', { write: (line) => void lines.push(line) });
  expect(await run(ignores, { timeoutMs: 50, log })).toMatchObject({
    kind: 'retry',
    error: 'The handler was not done within 50 ms; it ignores ctx.signal and may still be running',
  });
  expect(lines.join()).toContain('dlv_1');
  expect(await afterwards).toMatchObject({ name: 'TimeoutError' });
});

test('what a handler that was left behind throws in the end troubles nobody', async () => {
  let fail: (error: Error) => void = () => undefined;
  const unhandled = jest.fn();
  process.on('unhandledRejection', unhandled);
  await run(() => new Promise((_, reject) => (fail = reject)), { timeoutMs: 20 });
  fail(new Error('too late'));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test('aborted from outside: no result, unless it was done in the same moment', async () => {
  const controller = new AbortController();
  const aborted = run(forEver, { signal: controller.signal });
  controller.abort();
  expect(await aborted).toEqual({ kind: 'aborted' });
  expect(await run(() => Promise.resolve(), { signal: controller.signal })).toMatchObject({
    kind: 'handled',
  });
});
