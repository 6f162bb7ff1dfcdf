const wordsOf = (text: string): string[] =>
  text
    .toLocaleLowerCase()
    .normalize('NFKD')
    .split(/\s+/)
    .filter((word) => word !== '');

/** Whether a row has every word that is searched for, in any order and as parts of its own. */
export function matches(row: string, search: string): boolean {
  const text = wordsOf(row).join(' ');
  return wordsOf(search).every((word) => text.includes(word));
}

/** @returns the sentence that says how many are left */
export function foundWords(shown: number, all: number): string {
  if (shown === 0) return `None of ${all} connections matches`;
  return `${shown} of ${all} shown`;
}

/**
 * Lets a long list be searched, where there is a field for it.
 *
 * @returns hides once more what doesn't match; for after the page was shown anew
 */
export function startSearch(main: HTMLElement): () => void {
  const apply = () => {
    const field = document.getElementById('search');
    const found = document.getElementById('found');
    if (!(field instanceof HTMLInputElement) || found === null) return;
    const cards = [...main.querySelectorAll<HTMLElement>('.card')];
    let shown = 0;
    for (const card of cards) {
      const row = card.querySelector('summary')?.textContent ?? '';
      card.hidden = !matches(row, field.value);
      if (!card.hidden) shown += 1;
    }
    const words = field.value.trim() === '' ? '' : foundWords(shown, cards.length);
    if (found.textContent !== words) found.textContent = words;
  };
  main.addEventListener('input', ({ target }) => {
    if (target instanceof HTMLInputElement && target.id === 'search') apply();
  });
  apply();
  return apply;
}
