import { sha256 } from '../crypto/hash';

export const style = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --sheet: #fff; --ink: #1b1f24; --quiet: #57606a; --line: #d8dee4;
  --act: #0b57d0; --act-ink: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1216; --sheet: #181c22; --ink: #e8ebef; --quiet: #9aa4b0; --line: #2d343d;
    --act: #a8c7fa; --act-ink: #0a2350;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 2rem 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif;
}
main {
  max-width: 32rem; margin: 0 auto; padding: 1.5rem; background: var(--sheet);
  border: 1px solid var(--line); border-radius: .75rem; overflow-wrap: anywhere;
}
h1 { margin: 0 0 1rem; font-size: 1.35rem; line-height: 1.3; }
p { margin: 0 0 1rem; }
dl { margin: 0 0 1.25rem; display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { color: var(--quiet); }
dd { margin: 0; }
ul { margin: 0; padding: 0; list-style: none; }
li { padding: .75rem 0; border-top: 1px solid var(--line); }
li p { margin: 0; }
li p + p { margin-top: .5rem; }
.quiet { color: var(--quiet); font-size: .925rem; }
.act {
  display: inline-block; padding: .65rem 1.1rem; border: 0; border-radius: .5rem;
  background: var(--act); color: var(--act-ink); font: inherit; font-weight: 600;
  text-decoration: none; cursor: pointer;
}
.act:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
main > :last-child { margin-bottom: 0; }
`;

/** The style as a source of `style-src`: with its hash it may stand in the page (CSP level 2). */
export const styleSource = `'sha256-${sha256(style).toString('base64')}'`;
