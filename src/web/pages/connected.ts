import { html, type Html } from '../document/html';
import type { Page } from '../document/page';
import { icon, iconShapes } from '../document/icons';
import { howMany } from '../words/updates';
import { type Way, waysOut } from './message';

/** What becomes of the connection, now that its tokens are stored. */
export type Outcome =
  | { kind: 'another_needed' }
  | { kind: 'stays_off' }
  | { kind: 'held'; by: 'user' | 'operator'; reason: string | null }
  | { kind: 'works' };

export interface ConnectedView {
  provider: string;
  /** The account at the provider, where it is known. */
  account: string | undefined;
  outcome: Outcome;
  /** How many updates waited when the person came back, and how many still do. */
  kept: number;
  left: number;
  /** Whose browser may watch the rest being handled; undefined where it is not signed in as them. */
  live: Pick<Progress, 'userId' | 'connection' | 'basePath' | 'reconnectPath'> | undefined;
  ways: readonly Way[];
  /** Origins that may frame it. */
  frameAncestors: readonly string[];
}

/** The end of a person's way: what happened, and what happens now. Right without its script, too. */
export function connectedPage(view: ConnectedView): Page {
  const { provider, account, outcome, kept, left, live, ways, frameAncestors } = view;
  const isMoving = left > 0 && (outcome.kind === 'works' || outcome.kind === 'held');
  const isLive = isMoving && live !== undefined;
  return {
    status: 200,
    title: `${provider} is connected`,
    ...(isLive ? { script: `${live.basePath}/assets/progress.js` } : {}),
    // With a way to a provider on it, a click could be stolen.
    ...(outcome.kind === 'another_needed' ? {} : { frameAncestors }),
    content: html`${account === undefined ? undefined : accountPart(account)}
    ${
      isLive
        ? progressPart({ ...live, sentence: sentence(view), kept, left, way: ways[0] })
        : html`<p>${sentence(view)}</p>`
    }
    ${waysOut(...ways)}`,
  };
}

const accountPart = (account: string): Html =>
  html`<dl>
    <dt>Account</dt>
    <dd>${account}</dd>
  </dl>`;

const updates = (count: number) => howMany({ pending: count, andMore: false });
const are = (count: number) => (count === 1 ? 'is' : 'are');

function sentence({ outcome, kept, left }: ConnectedView): string {
  const waiting = `${updates(left)} that arrived meanwhile ${are(left)}`;
  switch (outcome.kind) {
    case 'another_needed':
      return (
        'One more account of this connection has to be connected before it works again.' +
        (left === 0 ? '' : ` ${waiting} kept until then.`)
      );
    case 'stays_off':
      return (
        'The connection is still switched off, as it was before.' +
        (left === 0 ? '' : ` ${waiting} kept until it is switched on.`)
      );
    case 'held':
      return (
        (outcome.by === 'user' ? 'You have paused everything' : 'Everything is paused') +
        (outcome.reason === null ? '.' : `: “${outcome.reason}”.`) +
        (left === 0
          ? ' What arrives is kept, and handled when the pause ends.'
          : ` ${waiting} kept, and handled when the pause ends.`)
      );
    case 'works':
      if (left > 0) {
        return `${updates(kept)} that arrived meanwhile ${are(kept)} being handled. You don’t have to wait for it.`;
      }
      return kept > 0
        ? `All caught up: ${updates(kept)} arrived meanwhile, and none is waiting any more.`
        : 'No updates are waiting. There is nothing else to do.';
  }
}

/** What `client/progress.ts` is told, and what is read without it. */
interface Progress {
  userId: string;
  /** The connection's name. */
  connection: string;
  /** Of the gateway; '' where it has its host to itself. */
  basePath: string;
  /** Where it is connected once more, should it break meanwhile. */
  reconnectPath: string;
  sentence: string;
  /** How many updates waited at first, and how many still do. */
  kept: number;
  left: number;
  /** Where the page goes by itself once all is done. */
  way: Way | undefined;
}

/**
 * The sentence is what a screen reader is told of; the numbers below it change too often for that. Whatever means
 * nothing without the script is hidden until it runs.
 */
function progressPart(progress: Progress): Html {
  const { userId, connection, basePath, reconnectPath, sentence, kept, left, way } = progress;
  return html`<div
    id="progress"
    data-base="${basePath}/"
    data-user="${userId}"
    data-connection="${connection}"
    data-kept="${kept}"
    data-left="${left}"
  >
    ${iconShapes}
    <p id="progress-sentence" role="status">${sentence}</p>
    <div id="progress-bar" hidden>
      <progress
        max="${kept}"
        value="${Math.max(0, kept - left)}"
        aria-label="Updates handled"
      ></progress>
      <p id="progress-count" class="quiet"></p>
    </div>
    <div id="progress-done" hidden>
      <p class="tick">${icon('ok')}</p>
      ${
        way === undefined
          ? undefined
          : html`<p class="quiet" id="progress-return" data-href="${way.href}" hidden>
              <span>${way.label} in a moment…</span>
              <button type="button" class="act plain" id="progress-stay">Stay here</button>
            </p>`
      }
    </div>
    <p id="progress-reconnect" hidden>
      <a class="act" href="${reconnectPath}" target="_top">Reconnect</a>
    </p>
  </div>`;
}
