import type { Page } from '../../web/document/page';

interface PageFailureOptions extends ErrorOptions {
  /** The provider's own code, where its answer was the cause; for the log. */
  reason?: string | undefined;
}

/** Ends a browser's request with a page that says what to do. */
export class PageFailure extends Error {
  override readonly name = 'PageFailure';
  readonly reason: string | undefined;

  /** @param code for the log; stable */
  constructor(
    readonly code: string,
    readonly page: Page,
    options: PageFailureOptions = {},
  ) {
    super(code, options);
    this.reason = options.reason;
  }
}
