import { html } from '../../../web/document/html';
import { ownParameters } from '../authorization-request';
import type { Document } from './document';

/** @param params of the authorization request, sent again with the person's answer */
export function consentPage(
  params: URLSearchParams,
  scope: string,
  redirectOrigin: string,
): Document {
  const hidden = ownParameters(params).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  return {
    title: 'Playground: allow access?',
    narrow: true,
    formOrigins: [redirectOrigin],
    content: html`<section>
      <h1>Allow access?</h1>
      <p>
        Holdfast, at ${redirectOrigin}, asks for <b>${scope}</b> in your name. This is the sign-in
        of the playground, a provider to try things with: any name will do.
      </p>
      <form method="post" action="/oauth/authorize">
        ${hidden}
        <p class="row">
          <label for="account">Sign in as</label>
          <input
            id="account"
            name="account"
            value="ada"
            required
            maxlength="40"
            pattern="[a-z0-9][a-z0-9\\-]*"
          />
        </p>
        <p class="row">
          <button name="decision" value="allow">Allow</button>
          <button name="decision" value="deny" class="plain" formnovalidate>Deny</button>
        </p>
      </form>
    </section>`,
  };
}
