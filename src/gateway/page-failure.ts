import type { Page } from '../web/page';

/** Ends a browser's request with a page that says what to do. */
export class PageFailure extends Error {
  override readonly name = 'PageFailure';

  /** @param code for the log; stable */
  constructor(
    readonly code: string,
    readonly page: Page,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}
