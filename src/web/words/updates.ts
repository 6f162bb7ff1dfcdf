import type { IntegrationStatus } from '../../../workflows/contract/status';
import type { ConnectionView, HoldView, KeptUpdates } from '../pages/connection-view';

const number = new Intl.NumberFormat('en-GB');

/** "38 updates"; "more than 10,000 updates". People say update for what the code calls webhook. */
export function howMany({ pending, andMore }: Pick<KeptUpdates, 'pending' | 'andMore'>): string {
  const updates = pending === 1 && !andMore ? 'update' : 'updates';
  return `${andMore ? 'more than ' : ''}${number.format(pending)} ${updates}`;
}

export const sentenceOf = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** What becomes of those that are kept, and when. */
function later(kept: KeptUpdates, once: string): string {
  const are = kept.pending === 1 && !kept.andMore ? 'it is' : 'they are';
  return `${are} handled${kept.inOrder ? ' in order' : ''} once ${once}`;
}

interface Situation {
  /** The provider's label. */
  provider: string;
  appName: string;
  status: IntegrationStatus;
  hold: HoldView | undefined;
  /** What the person does about a connection that doesn't work. */
  mend: 'connect' | 'reconnect';
  /** The application does not take what waits. */
  failing: Pick<NonNullable<ConnectionView['failing']>, 'isUnanswering'> | undefined;
}

/** What has to happen before anything is handled; undefined where nothing stands in the way. */
function condition({ status, hold, mend, provider }: Situation): string | undefined {
  const resumed = hold?.by === 'user' ? 'you resume' : 'the pause is over';
  const conditions = [
    ...(status === 'ERROR' ? [`you ${mend} ${provider}`] : []),
    ...(status === 'DISABLED' ? [`${provider} is switched on`] : []),
    ...(hold === undefined ? [] : [resumed]),
  ];
  return conditions.length === 0 ? undefined : conditions.join(' and ');
}

/** What happens to a connection's updates now: how many are kept, and what becomes of them and of new ones. */
export function updateSentence(kept: KeptUpdates, situation: Situation): string {
  const { pending, andMore } = kept;
  const { status, provider, appName } = situation;
  const once = condition(situation);
  const some = pending > 0 || andMore;
  const are = pending === 1 && !andMore ? 'is' : 'are';
  const waits = `${sentenceOf(howMany(kept))} ${are} waiting`;
  if (once === undefined) {
    if (!some) return 'Updates are handled as they arrive.';
    if (situation.failing !== undefined) {
      const them = are === 'is' ? 'it' : 'them';
      const isUnanswering = situation.failing.isUnanswering;
      return `${waits}: ${appName} ${isUnanswering ? 'is not answering' : `does not take ${them} at the moment`}.`;
    }
    return `${sentenceOf(howMany(kept))} ${are} being handled${kept.inOrder ? ', in order' : ''}.`;
  }
  const discards =
    (status === 'ERROR' && kept.whenError === 'discard') ||
    (status === 'DISABLED' && kept.whenDisabled === 'discard');
  const waiting = `${waits}; ${later(kept, once)}.`;
  if (!discards) {
    if (some) return waiting;
    const order = kept.inOrder ? ' in order' : '';
    return `Updates that arrive now are kept, and handled${order} once ${once}.`;
  }
  const meanwhile =
    status === 'DISABLED'
      ? `while ${provider} is switched off`
      : `until you ${situation.mend} ${provider}`;
  const lost = `being discarded ${meanwhile}.`;
  return some ? `${waiting} New ones are ${lost}` : `Updates are ${lost}`;
}

/** What a person is told before they switch a connection off. */
export function beforeSwitchingOff(
  kept: KeptUpdates,
  { provider }: Pick<Situation, 'provider'>,
): string {
  return kept.whenDisabled === 'discard'
    ? `Updates that arrive while ${provider} is switched off are discarded: they are not handled later either.`
    : `Updates that arrive while ${provider} is switched off are kept, and handled${kept.inOrder ? ' in order' : ''} once you switch ${provider} on again.`;
}
