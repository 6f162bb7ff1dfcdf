const goodForMs = 8_000;

/**
 * A line at the foot of the page that says what was done, and is read out when nobody speaks. It is outside of what is
 * fetched anew. What went wrong stays until something else is said.
 */
export function createSayer(): (words: string, kind?: 'good' | 'bad') => void {
  const line = document.createElement('p');
  line.className = 'said';
  line.setAttribute('role', 'status');
  document.body.append(line);
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (words, kind = 'good') => {
    clearTimeout(timer);
    line.classList.toggle('bad', kind === 'bad');
    line.textContent = words;
    if (kind === 'good') timer = setTimeout(() => (line.textContent = ''), goodForMs);
  };
}
