import { type Patience, patience } from './status-limits.js';
import type { PersonStatus } from './person-status.js';
import { reconnectDelay } from './status-backoff.js';
import { tryStatus, tryStream } from './status-attempts.js';
import { createKnowledge, type Unknown } from './status-knowledge.js';
import type { Asked, Ending } from './status-requests.js';
import { waitFor } from './timing.js';

export interface FollowOptions extends Asked {
  onStatus(status: PersonStatus): void;
  /** Also said at the beginning, where no status could be had soon. */
  onUnknown(why: Unknown): void;
  /** The session is over: nothing is asked until `retry`. */
  onTokenExpired(): void;
}

export interface Follower {
  /** Asks anew and at once, with what `token` gives now. */
  retry: () => void;
  /** Asks anew unless the stream looks alive: for a page that is shown again. */
  wake: () => void;
  /** Lets go of the connection until `wake`: nobody looks. */
  sleep: () => void;
  stop: () => void;
}

/** A stream that lasted is tried again as if it had been the first one; in ms. */
const lasting = 10_000;

/** Follows a person's status until it is stopped. */
export function follow(options: FollowOptions, limits: Patience = patience): Follower {
  const knowledge = createKnowledge(options, limits.grace);
  let round = new AbortController();
  let isStopped = false;
  let isAsleep = false;
  let failures = 0;
  let heardAt = 0;
  /** Until then there is no stream, and it is asked again and again. */
  let streamAt = 0;

  const listener = {
    status: (status: PersonStatus) => {
      if (status.userId === options.userId) knowledge.learn(status);
      else knowledge.lose('refused');
    },
    late: () => knowledge.doubt('unreachable'),
    heard: () => {
      heardAt = Date.now();
    },
  };

  /** @returns how long to wait, in ms; Infinity for until something happens */
  const after = ({ why, askedMs }: Ending, tookMs: number): number => {
    switch (why) {
      case 'answered':
        failures = 0;
        return limits.poll;
      case 'silent':
        knowledge.doubt('unreachable');
        streamAt = Date.now() + limits.streamAgain;
        return 0;
      case 'unstreamable':
        streamAt = Date.now() + limits.streamAgain;
        return 0;
      case 'unauthorized':
        options.onTokenExpired();
        knowledge.doubt('refused');
        return Infinity;
      case 'refused':
        knowledge.lose('refused');
        return limits.refused;
      case 'ended':
      case 'unreachable':
        knowledge.doubt('unreachable');
        failures = why === 'ended' && tookMs > lasting ? 0 : failures + 1;
        return reconnectDelay(failures, askedMs, Math.random());
    }
  };

  const run = async () => {
    while (!isStopped) {
      round = new AbortController();
      const { signal } = round;
      if (isAsleep) {
        await waitFor(Infinity, signal);
        continue;
      }
      const startedAt = Date.now();
      const attempt = startedAt >= streamAt ? tryStream : tryStatus;
      const ending = await attempt(options, limits, signal, listener);
      if (!signal.aborted) await waitFor(after(ending, Date.now() - startedAt), signal);
    }
  };
  knowledge.doubt('unreachable');
  void run();

  const retry = () => {
    isAsleep = false;
    failures = 0;
    streamAt = 0;
    knowledge.doubt('unreachable');
    round.abort();
  };
  return {
    retry,
    wake: () => {
      // Where a heartbeat is overdue the machine has slept, most likely, and the connection is gone without a word.
      if (isAsleep || Date.now() - heardAt > limits.silence / 2) retry();
    },
    sleep: () => {
      isAsleep = true;
      round.abort();
    },
    stop: () => {
      isStopped = true;
      knowledge.close();
      round.abort();
    },
  };
}
