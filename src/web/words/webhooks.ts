import type { IntegrationStatus } from '../../../workflows/contract/status';
import type { HoldView, KeptWebhooks } from '../pages/connection-view';

const number = new Intl.NumberFormat('en-GB');

/** "38 webhooks"; "more than 10,000 webhooks". */
export function howMany({ pending, andMore }: Pick<KeptWebhooks, 'pending' | 'andMore'>): string {
  const webhooks = pending === 1 && !andMore ? 'webhook' : 'webhooks';
  return `${andMore ? 'more than ' : ''}${number.format(pending)} ${webhooks}`;
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** What becomes of those that are kept, and when. */
function later(kept: KeptWebhooks, once: string): string {
  const are = kept.pending === 1 && !kept.andMore ? 'it is' : 'they are';
  return `${are} handled${kept.inOrder ? ' in order' : ''} once ${once}`;
}

interface Situation {
  status: IntegrationStatus;
  hold: HoldView | undefined;
  /** What the person does about a connection that doesn't work. */
  mend: 'connect' | 'reconnect';
}

/** What has to happen before anything is handled; undefined where nothing stands in the way. */
function condition({ status, hold, mend }: Situation): string | undefined {
  const resumed = hold?.by === 'user' ? 'you resume' : 'the pause is over';
  const conditions = [
    ...(status === 'ERROR' ? [`you ${mend}`] : []),
    ...(status === 'DISABLED' ? ['this is switched on'] : []),
    ...(hold === undefined ? [] : [resumed]),
  ];
  return conditions.length === 0 ? undefined : conditions.join(' and ');
}

/** What happens to a connection's webhooks now: how many are kept, and what becomes of them and of new ones. */
export function webhookSentence(kept: KeptWebhooks, situation: Situation): string {
  const { pending, andMore } = kept;
  const once = condition(situation);
  const some = pending > 0 || andMore;
  const are = pending === 1 && !andMore ? 'is' : 'are';
  if (once === undefined) {
    if (!some) return 'Webhooks are handled as they arrive.';
    return `${sentence(howMany(kept))} ${are} being handled${kept.inOrder ? ', in order' : ''}.`;
  }
  const { status } = situation;
  const discards =
    (status === 'ERROR' && kept.whenError === 'discard') ||
    (status === 'DISABLED' && kept.whenDisabled === 'discard');
  const waiting = `${sentence(howMany(kept))} ${are} waiting; ${later(kept, once)}.`;
  if (!discards) {
    if (some) return waiting;
    const order = kept.inOrder ? ' in order' : '';
    return `Webhooks that arrive now are kept, and handled${order} once ${once}.`;
  }
  const meanwhile =
    status === 'DISABLED' ? 'while this is switched off' : `until you ${situation.mend}`;
  const lost = `being discarded ${meanwhile}.`;
  return some ? `${waiting} New ones are ${lost}` : `Webhooks are ${lost}`;
}

/** What a person is told before they switch a connection off. */
export function beforeSwitchingOff(kept: KeptWebhooks): string {
  return kept.whenDisabled === 'discard'
    ? 'Webhooks that arrive while it is switched off are discarded: they are not handled later either.'
    : `Webhooks that arrive while it is switched off are kept, and handled${kept.inOrder ? ' in order' : ''} once you switch it on again.`;
}
