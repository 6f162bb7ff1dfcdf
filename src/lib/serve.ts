import type { Logger } from './log';
import { stopSignal } from '../stop-signal';

export interface Service {
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
  if (typeof end === 'string') log.info({ signal: end }, 'stopping');
  await service.close();
  if (end instanceof Error) throw end;
}
