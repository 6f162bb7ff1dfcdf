import type { Patience } from './status-limits.js';
import type { PersonStatus } from './person-status.js';
import { type Asked, askStatus, type Ending, readStream } from './status-requests.js';
import { watchdog, within } from './timing.js';

/** What comes of an attempt before it ends. */
interface Listener {
  status(status: PersonStatus): void;
  /** An answer is late. */
  late(): void;
  /** Something came, if only a heartbeat. */
  heard(): void;
}

/** Asks once, for a limited time. */
export async function tryStatus(
  asked: Asked,
  limits: Patience,
  signal: AbortSignal,
  listener: Pick<Listener, 'status' | 'late'>,
): Promise<Ending> {
  const attempt = within(signal);
  const late = setTimeout(listener.late, limits.firstEvent);
  const end = setTimeout(() => attempt.abort(), limits.answer);
  const ending = await askStatus(asked, attempt.signal, (status) => {
    if (!signal.aborted) listener.status(status);
  });
  clearTimeout(late);
  clearTimeout(end);
  attempt.abort();
  return ending;
}

/**
 * Follows one stream until it ends, or is silent for too long. A proxy may hold back a stream for ever: where the first
 * event is late, the status is asked for beside it, and if that is answered the stream is given up.
 */
export async function tryStream(
  asked: Asked,
  limits: Patience,
  signal: AbortSignal,
  listener: Listener,
): Promise<Ending> {
  const attempt = within(signal);
  let isFollowed = false;
  let instead: Ending | undefined;
  const giveUp = (ending: Ending) => {
    instead ??= ending;
    attempt.abort();
  };
  const silence = watchdog(limits.silence, () => giveUp({ why: 'silent', askedMs: null }));
  const askBeside = async () => {
    listener.late();
    const ending = await tryStatus(asked, limits, attempt.signal, listener);
    if (isFollowed) return;
    giveUp(ending.why === 'answered' ? { why: 'unstreamable', askedMs: null } : ending);
  };
  const late = setTimeout(() => void askBeside(), limits.firstEvent);

  const ending = await readStream(asked, attempt.signal, {
    bytes: () => {
      listener.heard();
      silence.feed();
    },
    status: (status) => {
      if (attempt.signal.aborted) return;
      isFollowed = true;
      clearTimeout(late);
      listener.status(status);
    },
  });
  clearTimeout(late);
  silence.stop();
  attempt.abort();
  return instead ?? ending;
}
