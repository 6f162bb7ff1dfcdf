// Keeps the part of the page that changes up to date; what a person types is outside of it.
const live = document.getElementById('live');

async function update() {
  const response = await fetch('/live');
  if (!response.ok) return;
  const text = await response.text();
  // Not while a button is held down: it would vanish under the pointer.
  if (text === update.last || live.querySelector(':active')) return;
  const focused = document.activeElement?.id;
  live.innerHTML = update.last = text;
  if (focused) document.getElementById(focused)?.focus();
}

setInterval(() => update().catch(() => undefined), 1000);
