import { Idiomorph } from './idiomorph.js';
import { tellTimes } from './page-times.js';

/** What came of asking for the page anew. */
export type Refreshed = 'shown' | 'signed-out' | 'another-person' | 'unreadable';

const answerMs = 10_000;

const isOpen = (node: unknown): boolean => node instanceof HTMLDialogElement && node.open;
const isBusy = (node: unknown): boolean =>
  node instanceof HTMLElement && node.getAttribute('aria-disabled') === 'true';

const personOf = (root: Element): string | undefined =>
  root.querySelector<HTMLElement>('[data-user]')?.dataset['user'];

/**
 * Shows what the gateway shows now in place of what stands here. Focus, what is folded open, an open dialog and a button
 * at work stay as they are.
 */
export async function refreshPage(main: HTMLElement): Promise<Refreshed> {
  const next = await fetchPage();
  if (next === undefined) return 'unreadable';
  const { page, status } = next;
  const content = page.querySelector('main');
  if (content === null) return 'unreadable';
  if (status === 401) {
    document.title = page.title;
    main.className = content.className;
    main.replaceChildren(...content.childNodes);
    return 'signed-out';
  }
  if (status !== 200) return 'unreadable';
  if (personOf(content) !== personOf(main)) return 'another-person';
  tellTimes(content);
  await Idiomorph.morph(main, content.innerHTML, {
    morphStyle: 'innerHTML',
    callbacks: {
      beforeNodeMorphed: (now) => !isOpen(now) && !isBusy(now),
      beforeAttributeUpdated: (name, element) =>
        !(name === 'open' && element instanceof HTMLDetailsElement),
    },
  });
  return 'shown';
}

async function fetchPage(): Promise<{ page: Document; status: number } | undefined> {
  try {
    const response = await fetch(location.pathname, {
      headers: { accept: 'text/html' },
      signal: AbortSignal.timeout(answerMs),
    });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    return { page, status: response.status };
  } catch {
    return undefined;
  }
}
