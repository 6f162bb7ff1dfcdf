import { html, type Html } from '../document/html';

/** What a provider is asked for, in words. */
export interface Asked {
  /** Without these nothing is connected. */
  needed: readonly string[];
  alsoAsked: readonly string[];
}

/** Before a person is led to a provider; undefined where nothing is known of it. */
export function askedPart(
  appName: string,
  provider: string,
  { needed, alsoAsked }: Asked,
): Html | undefined {
  if (needed.length + alsoAsked.length === 0) return undefined;
  const item = (permission: string, more?: Html) => html`<li><bdi>${permission}</bdi>${more}</li>`;
  const must = html` <span class="quiet">(needed)</span>`;
  return html`<h2>${appName} asks ${provider} for</h2>
    <ul class="asked">
      ${needed.map((permission) => item(permission, must))}
      ${alsoAsked.map((permission) => item(permission))}
    </ul>`;
}
