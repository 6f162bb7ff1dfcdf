import { Idiomorph } from './idiomorph.js';

/** Replaces what the page shows by what the gateway shows now, and keeps focus and open parts. */
export async function refresh(): Promise<void> {
  const response = await fetch(location.href, { headers: { accept: 'text/html' } });
  const next = new DOMParser().parseFromString(await response.text(), 'text/html');
  const [from, to] = [document.querySelector('main'), next.querySelector('main')];
  if (from !== null && to !== null) Idiomorph.morph(from, to);
}
