import { Idiomorph } from './idiomorph.js';
import { tellTimes } from './page-times.js';

/** What came of asking for the page anew. */
export type Refreshed = 'shown' | 'signed-out' | 'another-person' | 'unreadable';

const answerMs = 10_000;

const isOpen = (node: unknown): boolean => node instanceof HTMLDialogElement && node.open;
const isBusy = (node: unknown): boolean =>
  node instanceof HTMLElement && node.getAttribute('aria-disabled') === 'true';
/** A dialog whose connection is moved or folded up would be gone. */
const isAsking = (node: unknown): boolean =>
  node instanceof HTMLElement &&
  node.classList.contains('card') &&
  node.querySelector('dialog[open]') !== null;
/** What a person has typed is theirs, and what it hides is worked out afterwards. */
const isSearch = (node: unknown): boolean =>
  node instanceof HTMLElement && node.classList.contains('find');

const personOf = (root: Element): string | undefined =>
  root.querySelector<HTMLElement>('[data-user]')?.dataset['user'];

/**
 * Shows what the gateway shows now in place of what stands here. Focus, what is folded open, an open dialog, a button at
 * work and what is searched for stay as they are. A connection that stands in another way than before opens or closes
 * with that, unless somebody is at it.
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
  const changed = new WeakSet<Element>();
  await Idiomorph.morph(main, content.innerHTML, {
    morphStyle: 'innerHTML',
    callbacks: {
      beforeNodeMorphed: (now, then) => {
        if (standsOtherwise(now, then)) changed.add(now);
        return !isOpen(now) && !isBusy(now) && !isAsking(now) && !isSearch(now);
      },
      beforeAttributeUpdated: (name, element) =>
        (name !== 'open' || !(element instanceof HTMLDetailsElement) || changed.has(element)) &&
        // Hidden since it could not be loaded.
        (name !== 'hidden' || !(element instanceof HTMLImageElement)),
    },
  });
  return 'shown';
}

const standsOtherwise = (now: Node, then: Node): now is HTMLDetailsElement =>
  now instanceof HTMLDetailsElement &&
  then instanceof HTMLElement &&
  now.dataset['standing'] !== then.dataset['standing'] &&
  (then.hasAttribute('open') || !now.contains(document.activeElement));

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
