import { mayDo } from '../../live/session-scope';
import type { ConnectionsView } from './connection-view';
import { askButton, askDialog, doButton } from '../document/controls';
import { html, type Html } from '../document/html';

/** The person's own switch for everything. The operator's pause is theirs alone to end. */
export function pauseControl({
  basePath,
  userId,
  scope,
  holds,
}: Pick<ConnectionsView, 'basePath' | 'userId' | 'scope' | 'holds'>): Html | undefined {
  if (!mayDo(scope, 'manage')) return undefined;
  const path = `${basePath}/api/users/${encodeURIComponent(userId)}/pause`;
  const operators = holds.some(({ by }) => by === 'operator');
  if (holds.some(({ by }) => by === 'user')) {
    return doButton(
      {
        id: 'resume',
        label: operators ? 'End your own pause' : 'Resume everything',
        look: 'main',
      },
      {
        method: 'PUT',
        path,
        body: { paused: false },
        doing: 'Resuming…',
        done: operators
          ? 'Your own pause is over.'
          : 'Everything goes on. What was kept is being handled now.',
      },
    );
  }
  if (operators) return undefined;
  const act = doButton(
    { id: 'pause-now', label: 'Pause everything', look: 'sober' },
    {
      method: 'PUT',
      path,
      body: { paused: true },
      doing: 'Pausing…',
      done: 'Everything is paused. Updates are kept until you resume.',
    },
  );
  return html`${askButton({ id: 'pause', label: 'Pause everything', look: 'plain' })}
  ${askDialog(
    {
      opener: 'pause',
      title: 'Pause everything?',
      content: html`<p>
          Nothing is handled until you resume. Updates of working connections are kept meanwhile,
          and handled afterwards.
        </p>
        <label for="pause-reason">Why? <span class="quiet">(shown here; optional)</span></label>
        <textarea id="pause-reason" data-field="reason" maxlength="500"></textarea>`,
      cancel: 'Go on as it is',
    },
    act,
  )}`;
}
