import { html, type Html } from '../document/html';
import { leadsOut, type Page } from '../document/page';
import { type Asked, askedPart } from './asked';

export interface SessionLinkView {
  appName: string;
  /** Who will be signed in. */
  person: string;
  /** The provider's label, where the link leads to one. */
  provider: string | undefined;
  /** An https address, where the provider declares one. */
  logoUrl: string | undefined;
  asked: Asked;
  /** Browsers may be sent on to plain http: the public address is plain http itself. */
  plainHttp: boolean;
}

/** Only the button changes anything: link scanners fetch, they don't press. */
export function sessionLinkPage(view: SessionLinkView): Page {
  const { appName, person, provider, logoUrl, asked, plainHttp } = view;
  return {
    status: 200,
    title: provider === undefined ? 'Your connections' : `Connect ${provider}`,
    images: logoUrl === undefined ? [] : [logoUrl],
    content: html`<dl>
        <dt>For</dt>
        <dd>${appName}</dd>
        <dt>As</dt>
        <dd><bdi>${person}</bdi></dd>
        ${
          provider === undefined
            ? undefined
            : html`<dt>With</dt>
                <dd class="with">
                  ${provider}${logoUrl === undefined ? undefined : logo(logoUrl)}
                </dd>`
        }
      </dl>
      ${provider === undefined ? undefined : askedPart(appName, provider, asked)}
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

const logo = (url: string): Html =>
  html` <img src="${url}" alt="" width="20" height="20" referrerpolicy="no-referrer" />`;
