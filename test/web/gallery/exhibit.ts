import type { Page } from 'playwright-core';
import type { Gallery } from './gallery';

/** A state that people may find a page in. */
export interface Exhibit {
  /** Of the screenshots' files. */
  name: string;
  /** Brings the page there, in a browser that nobody has signed in with. */
  show(page: Page, gallery: Gallery): Promise<unknown>;
  /** Ends what holds for other people too. */
  end?(gallery: Gallery): Promise<unknown>;
  /** As the README shows it: the top of the page, so many CSS pixels of it. */
  illustration?: { width: number; height: number; colorScheme: 'light' | 'dark' }[];
  /** Problems that belong to it. */
  expected?: RegExp[];
}

/** An answer that is an error and a page: Chromium notes it on the console. */
export const answersWith = (status: number): RegExp[] => [
  new RegExp(`the server responded with a status of ${status}`),
];
