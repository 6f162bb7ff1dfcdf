import { html } from '../document/html';
import { messagePage, type Way } from './message';
import type { Page } from '../document/page';

interface SignOutView {
  /** The path that ends the session. */
  action: string;
  person: string;
  back: Way;
}

/** Asks: a link to it does nothing by itself. */
export const signOutPage = ({ action, person, back }: SignOutView): Page => ({
  status: 200,
  title: 'Sign out?',
  content: html`<p>You are signed in as <bdi>${person}</bdi>. Your connections go on working.</p>
    <form method="post" action="${action}">
      <div class="actions">
        <button class="act main">Sign out</button>
        <a class="act plain" href="${back.href}">${back.label}</a>
      </div>
    </form>`,
  formAction: "'self'",
  referrerPolicy: 'same-origin',
});

export const signedOutPage = (way: Way): Page =>
  messagePage(
    200,
    'You are signed out',
    'Nobody who uses this browser after you can see or change your connections. They go on working.',
    way,
  );
