import { tracingChannel } from 'node:diagnostics_channel';
import { noteText } from './record';

/** Keeps every line of every `pino` logger, wherever it goes. */
export function tapLogs(): void {
  const nothing = () => undefined;
  tracingChannel('pino_asJson').subscribe({
    ...{ start: nothing, asyncStart: nothing, asyncEnd: nothing, error: nothing },
    end: (message) => {
      const { result } = message as { result?: unknown };
      if (typeof result === 'string') noteText('log line', result);
    },
  });
}
