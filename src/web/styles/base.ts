/** The document: text, headings, lists of facts, and the two layouts. */
export const base = `
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; padding: clamp(1rem, 4vw, 3rem) clamp(.75rem, 4vw, 1.5rem); background: var(--ground);
  color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.5 -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif;
}
main { max-width: 34rem; margin: 0 auto; }
.sheet {
  padding: clamp(1.25rem, 5vw, 2rem); background: var(--sheet); border: 1px solid var(--line);
  border-radius: 1rem; box-shadow: var(--shade);
}
body:has(> .wide) { padding-block: .75rem; }
.wide { max-width: 62rem; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; text-wrap: balance; }
h2 { margin: 0; font-size: 1.0625rem; line-height: 1.35; }
p { margin: 0 0 1rem; }
a { color: var(--link); text-underline-offset: .15em; }
dl { margin: 0 0 1.25rem; display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { color: var(--quiet); }
dd { margin: 0; }
ul, ol { margin: 0; padding: 0; list-style: none; }
.quiet { color: var(--quiet); font-size: .9375rem; }
.sheet > :last-child, .notice > :last-child, .card > :last-child { margin-bottom: 0; }
[hidden] { display: none; }
.unseen {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
.icon {
  flex: none; width: 1.125em; height: 1.125em; fill: none; stroke: currentColor; stroke-width: 2;
  stroke-linecap: round; stroke-linejoin: round;
}
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .25rem; }
h1:focus { outline: none; }
@media (prefers-reduced-motion: no-preference) {
  button, .act { transition: background-color .15s; }
  .turning { animation: turn 1s linear infinite; }
  @keyframes turn { to { transform: rotate(1turn); } }
}
`;
