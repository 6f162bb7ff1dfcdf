import { html } from '../document/html';
import { messagePage, type Way } from './message';
import type { Page } from '../document/page';

/** Asks: a link to it does nothing by itself. */
export const signOutPage = (person: string, back: Way): Page => ({
  status: 200,
  title: 'Sign out?',
  content: html`<p>You are signed in as <bdi>${person}</bdi>. Your connections go on working.</p>
    <form method="post" action="/sign-out">
      <div class="actions">
        <button class="act main">Sign out</button>
        <a class="act plain" href="${back.href}">${back.label}</a>
      </div>
    </form>`,
  formAction: "'self'",
  referrerPolicy: 'same-origin',
});

export const signedOutPage = (way: Way | undefined): Page =>
  messagePage(
    200,
    'You are signed out',
    'Nobody who uses this browser after you can see or change your connections. They go on working.',
    way,
  );
