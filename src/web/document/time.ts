import { html, type Html } from './html';

const format = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** A moment in UTC, as a document says it; where scripts run it becomes the reader's own time. */
export const time = (at: Date): Html =>
  html`<time datetime="${at.toISOString()}">${format.format(at)} UTC</time>`;
