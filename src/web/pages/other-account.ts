import { html } from '../document/html';
import { type Way, waysOut } from './message';
import type { Page } from '../document/page';

export interface OtherAccountView {
  provider: string;
  expected: string;
  came: string;
  again: Way | undefined;
  back: Way | undefined;
}

/** The person came back with another account than the one that was connected. */
export function otherAccountPage({
  provider,
  expected,
  came,
  again,
  back,
}: OtherAccountView): Page {
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
