import { html } from '../document/html';
import { type Way, waysOut } from './message';
import type { Page } from '../document/page';

export interface Account {
  id: string;
  label?: string | null | undefined;
}

export interface OtherAccountView {
  provider: string;
  expected: Account;
  came: Account | undefined;
  again: Way | undefined;
  back: Way;
}

const nameOf = ({ id, label }: Account): string => label ?? id;

/** Two accounts may have one label: their ids tell them apart. */
function namesOf(expected: Account, came: Account | undefined): [string, string] {
  if (came === undefined) return [nameOf(expected), 'another account'];
  if (nameOf(expected) !== nameOf(came)) return [nameOf(expected), nameOf(came)];
  const withId = (account: Account) => `${nameOf(account)} (${account.id})`;
  return [withId(expected), withId(came)];
}

/** The person came back with another account than the one that was connected. */
export function otherAccountPage(view: OtherAccountView): Page {
  const { provider, again, back } = view;
  const [expected, came] = namesOf(view.expected, view.came);
  return {
    status: 409,
    title: `That was another ${provider} account`,
    content: html`<dl>
        <dt>Expected</dt>
        <dd><bdi>${expected}</bdi></dd>
        <dt>You chose</dt>
        <dd><bdi>${came}</bdi></dd>
      </dl>
      <p>
        Nothing was changed. Sign out at ${provider}, or choose <bdi>${expected}</bdi> there, and
        try again. To use <bdi>${came}</bdi> instead, add it as a new connection.
      </p>
      ${waysOut(again, back)}`,
  };
}
