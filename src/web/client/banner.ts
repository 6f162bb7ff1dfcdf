import { type BannerControl, createBannerControl } from './banner-control.js';
import { bannerModel, type BannerState } from './banner-model.js';
import { type BannerSettings, checkToken, readSettings } from './banner-settings.js';
import { createBannerView } from './banner-view.js';

/**
 * `<holdfast-banner base-url user-id token>`: one line for each broken connection of a person, and whether they are
 * paused. Without `token` it is for Holdfast's own pages, where the cookie goes along, and
 * `brief`: there more than two broken ones are one line, since each stands below.
 *
 * The property `token` is better than the attribute: it isn't written into the page.
 *
 * Fires `holdfast-token-expired` (it bubbles, out of shadow roots too) when it needs a token, or another one.
 */
class HoldfastBanner extends HTMLElement {
  static readonly observedAttributes = ['base-url', 'user-id', 'token'];

  #token: string | null = null;
  #isScheduled = false;
  #complaint = '';
  readonly #control: BannerControl = createBannerControl({
    state: (state) => this.#tell(state),
    tokenNeeded: () => {
      const options = { bubbles: true, composed: true };
      this.dispatchEvent(new CustomEvent('holdfast-token-expired', options));
    },
  });
  readonly #show = createBannerView(this.attachShadow({ mode: 'open' }), this.#control);

  get baseUrl(): string | null {
    return this.getAttribute('base-url');
  }
  set baseUrl(value: string | null) {
    this.#reflect('base-url', value);
  }
  get userId(): string | null {
    return this.getAttribute('user-id');
  }
  set userId(value: string | null) {
    this.#reflect('user-id', value);
  }
  get token(): string | null {
    return this.#token;
  }
  set token(value: string | null) {
    this.#token = value === '' ? null : value;
    this.#schedule();
  }

  connectedCallback(): void {
    for (const name of ['baseUrl', 'userId', 'token'] as const) {
      // Set before the script had come: it hides the accessor.
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      Reflect.deleteProperty(this, name);
      this[name] = value;
    }
    this.#schedule();
  }
  disconnectedCallback(): void {
    this.#schedule();
  }
  attributeChangedCallback(name: string, _before: string | null, value: string | null): void {
    if (name === 'token') this.token = value;
    else this.#schedule();
  }

  #reflect(name: string, value: string | null): void {
    if (value === null) this.removeAttribute(name);
    else this.setAttribute(name, value);
  }

  /** Once for all that changes in one go, and not for an element that is only moved. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#apply();
    });
  }

  #apply(): void {
    if (!this.isConnected) {
      this.#control.configure(null, null);
      return;
    }
    const settings = this.#readSettings();
    this.#control.configure(settings, settings === null ? null : this.#token);
    if (settings === null) this.#tell({ kind: 'unknown', why: 'misconfigured' });
  }

  /** @returns null where an attribute is not right */
  #readSettings(): BannerSettings | null {
    try {
      const settings = readSettings(this, document.baseURI);
      if (this.#token !== null) checkToken(this.#token);
      this.#complaint = '';
      return settings;
    } catch (error) {
      const complaint = error instanceof TypeError ? error.message : String(error);
      if (complaint !== this.#complaint) console.error(`<holdfast-banner>: ${complaint}.`);
      this.#complaint = complaint;
      return null;
    }
  }

  #tell(state: BannerState): void {
    this.#show(bannerModel(state, this.hasAttribute('brief')));
  }
}

if (customElements.get('holdfast-banner') === undefined) {
  customElements.define('holdfast-banner', HoldfastBanner);
}
