import { html } from '../document/html';
import { leadsOut, type Page } from '../document/page';

export interface SessionLinkView {
  appName: string;
  /** Who will be signed in. */
  person: string;
  /** The provider's label, where the link leads to one. */
  provider: string | undefined;
  /** Browsers may be sent on to plain http: the public address is plain http itself. */
  plainHttp: boolean;
}

/** Only the button changes anything: link scanners fetch, they don't press. */
export function sessionLinkPage({ appName, person, provider, plainHttp }: SessionLinkView): Page {
  return {
    status: 200,
    title: provider === undefined ? 'Your connections' : `Connect ${provider}`,
    content: html`<dl>
        <dt>For</dt>
        <dd>${appName}</dd>
        <dt>As</dt>
        <dd><bdi>${person}</bdi></dd>
        ${
          provider === undefined
            ? undefined
            : html`<dt>With</dt>
                <dd>${provider}</dd>`
        }
      </dl>
      <p>
        ${
          provider === undefined
            ? 'The button shows your connections.'
            : `The button takes you to ${provider}, where you are asked to agree.`
        }
        If you are not <bdi>${person}</bdi>, close this page.
      </p>
      <form method="post">
        <button class="act">
          ${provider === undefined ? 'Continue' : `Continue to ${provider}`}
        </button>
      </form>`,
    ...leadsOut(plainHttp),
  };
}
