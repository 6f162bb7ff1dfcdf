import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** A process of the benchmark's own, which answers each message with one. */
export interface Child {
  readonly pid: number;
  ask(message: object): Promise<unknown>;
  stop(): Promise<void>;
}

interface Answer {
  result?: unknown;
  error?: string;
}

/** @param file compiled, from this folder: `load/main.js` */
export function startChild(file: string): Child {
  const child = fork(path.join(__dirname, file), { serialization: 'advanced' });
  const ended = once(child, 'exit').then(([code]: unknown[]) => ({
    error: `${file} ended with ${String(code)}`,
  }));
  if (child.pid === undefined) throw new Error(`${file} did not start`);
  return {
    pid: child.pid,
    ask: async (message) => {
      const answered = once(child, 'message').then(([answer]: unknown[]) => answer as Answer);
      child.send(message);
      const { result, error } = await Promise.race<Answer>([answered, ended]);
      if (error !== undefined) throw new Error(error);
      return result;
    },
    stop: async () => {
      // It ends with its channel, as it also does where this process is killed.
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** In the child: answers each message until the channel closes, and ends then. */
export function answerParent(answer: (message: unknown) => Promise<unknown>): void {
  process.on('disconnect', () => process.exit(0));
  // The terminal's Ctrl-C reaches the whole group: the parent ends what it started.
  process.on('SIGINT', () => undefined);
  process.on('message', (message) => {
    answer(message).then(
      (result) => process.send?.({ result }),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
}
