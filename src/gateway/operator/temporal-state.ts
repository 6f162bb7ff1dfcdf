import { waitAtMost } from '../../lib/timing';
import type { TemporalPing } from '../deps';

const answerMs = 3_000;

/** Whether Temporal answers, as far as is known: who asks never waits for it. */
export interface TemporalState {
  /** Not before the first answer. */
  isAvailable(): boolean;
  stop(): void;
}

/** @param everyMs how long after an answer, or the lack of one, it is asked again */
export function watchTemporal({ pingTemporal }: TemporalPing, everyMs = 2_000): TemporalState {
  let isAvailable = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const answered = pingTemporal().then(
      () => true,
      () => false,
    );
    isAvailable = (await waitAtMost(answered, answerMs)) ?? false;
    if (!isStopped) timer = setTimeout(() => void look(), everyMs);
  }

  void look();
  return {
    isAvailable: () => isAvailable,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
