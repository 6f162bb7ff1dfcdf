import { html, type Html } from './document/html';

/** What `client/progress.ts` is told, and what is read without it. */
export interface Progress {
  userId: string;
  /** The connection's name. */
  connection: string;
  /** Where it is connected once more, should it break meanwhile. */
  reconnectPath: string;
  sentence: string;
  /** How many webhooks waited at first, and how many still do. */
  kept: number;
  left: number;
}

/**
 * The sentence is what a screen reader is told of; the numbers below it change too often for that. Whatever means
 * nothing without the script is hidden until it runs.
 */
export function progressPart(progress: Progress): Html {
  const { userId, connection, reconnectPath, sentence, kept, left } = progress;
  return html`<div
    id="progress"
    data-user="${userId}"
    data-connection="${connection}"
    data-kept="${kept}"
    data-left="${left}"
  >
    <p id="progress-sentence" role="status">${sentence}</p>
    <div id="progress-bar" hidden>
      <progress
        max="${kept}"
        value="${Math.max(0, kept - left)}"
        aria-label="Webhooks handled"
      ></progress>
      <p id="progress-count" class="quiet"></p>
    </div>
    <p id="progress-reconnect" hidden>
      <a class="act" href="${reconnectPath}" target="_top">Reconnect</a>
    </p>
  </div>`;
}
