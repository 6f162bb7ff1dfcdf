/** How many letters may be wrong in a word of this length before it is another word. */
const tolerated = (length: number) => (length <= 3 ? 1 : length <= 7 ? 2 : 3);

/** The known word that somebody who wrote `word` most likely meant. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = tolerated(word.length) + 1;
  for (const candidate of known) {
    const isBegun = word.length >= 3 && candidate.startsWith(word);
    const distance = isBegun ? 1 : editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance >= least) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

/** ` Did you mean "…"?`, or nothing where no known word is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const meant = nearest(word, known);
  return meant === undefined ? '' : ` Did you mean "${meant}"?`;
}

/** The same within a sentence: ` (Did you mean "…"?)`. */
export function didYouMeanAside(word: string, known: Iterable<string>): string {
  const meant = didYouMean(word, known);
  return meant === '' ? '' : ` (${meant.trim()})`;
}

/** Letters that have to be added, left out or replaced, or neighbours that have to change places. */
function editDistance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 3) return Infinity;
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwapped =
        i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      next.push(
        Math.min(
          cell(row, j) + 1,
          cell(next, j - 1) + 1,
          cell(row, j - 1) + (isSame ? 0 : 1),
          isSwapped ? cell(before, j - 2) + 1 : Infinity,
        ),
      );
    }
    before = row;
    row = next;
  }
  return cell(row, other.length);
}

const cell = (row: readonly number[], at: number) => row[at] ?? Infinity;
