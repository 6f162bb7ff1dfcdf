import type { Logger } from './log';

interface Service {
  /** Settles when it has ended by itself, which it does only by failing. */
  readonly failed?: Promise<Error>;
  close(): Promise<void>;
}

/**
 * Runs one process's work until a signal asks it to end.
 * @throws what the work failed with
 */
export async function serve(begin: () => Promise<Service>, log: Logger): Promise<void> {
  const signal = stopSignal();
  const service = await begin();
  const end = await Promise.race([signal, ...(service.failed ? [service.failed] : [])]);
  if (typeof end === 'string')
    log.info({ event: 'process.stopping', signal: end }, 'The process stops');
  await service.close();
  if (end instanceof Error) throw end;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type StopSignal = (typeof signals)[number];

/** npm passes Ctrl-C on to a process that the terminal has told already. */
const sameKeystrokeMs = 1_000;

/**
 * Settles with the first signal that asks this process to end. The second one ends it at once: what was
 * started beside it is then ended by its guards.
 */
export function stopSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    let first: number | undefined;
    for (const signal of signals) {
      process.on(signal, () => {
        if (first === undefined) {
          first = performance.now();
          // Who reads the lines may have ended by the same signal: the stop goes on without them.
          for (const out of [process.stdout, process.stderr]) {
            out.removeAllListeners('error').on('error', () => undefined);
          }
          resolve(signal);
        } else if (performance.now() - first > sameKeystrokeMs) {
          process.exit(exitCodeOf(signal));
        }
      });
    }
  });
}

/** As a shell reports a process that a signal ended. */
export function exitCodeOf(signal: StopSignal): number {
  return { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal];
}
