import { date, timeWords } from './page-time-words.js';

/** Puts every time under `root` into words; the whole time stays at hand as its title. */
export function tellTimes(root: ParentNode, now = new Date()): void {
  for (const element of root.querySelectorAll('time')) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const words = timeWords(at, now);
    if (element.textContent !== words) element.textContent = words;
    element.title = date.format(at);
  }
}
