/**
 * The colours follow the `color-scheme` of the page around, not the system's: a light page has a light banner. Each pair
 * of ink and ground has a contrast of at least 4.5, each border and icon of at least 3.
 */
const css = `
:host {
  display: block;
  font: 400 var(--holdfast-font-size, 0.9375rem) / 1.45 var(--holdfast-font-family, inherit);
  text-align: start;
  overflow-wrap: anywhere;
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; margin: 0; padding: 0; }
.banner { display: grid; gap: var(--holdfast-gap, 0.625rem); }
.banner[hidden], .box[hidden], .line[hidden], .more[hidden] { display: none; }
.box {
  border: 1px solid var(--edge);
  border-inline-start-width: 0.3125rem;
  border-radius: var(--holdfast-radius, 0.625rem);
  background: var(--ground);
  color: var(--ink);
}
.pause {
  --ground: var(--holdfast-pause-background, light-dark(#fdeceb, #3a1513));
  --ink: var(--holdfast-pause-color, light-dark(#5c1310, #ffdad6));
  --edge: var(--holdfast-pause-border, light-dark(#c5221f, #ff8a80));
}
.broken {
  --ground: var(--holdfast-broken-background, light-dark(#fff4d6, #332600));
  --ink: var(--holdfast-broken-color, light-dark(#4a3200, #ffe3a3));
  --edge: var(--holdfast-broken-border, light-dark(#b06f00, #f2b63c));
}
.unknown {
  --ground: var(--holdfast-unknown-background, light-dark(#eef1f5, #20262e));
  --ink: var(--holdfast-unknown-color, light-dark(#27313c, #dbe3ec));
  --edge: var(--holdfast-unknown-border, light-dark(#5f6f80, #8fa0b3));
  border-style: dashed;
  border-inline-start-style: solid;
}
ul { list-style: none; }
.line { display: flex; gap: 0.75rem; padding: 0.75rem 0.875rem; }
.line + .line { border-block-start: 1px solid color-mix(in srgb, var(--edge) 45%, transparent); }
.body {
  display: flex;
  flex: 1;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.5rem 1.25rem;
  min-inline-size: 0;
}
.icon { flex: none; inline-size: 1.25rem; block-size: 1.25rem; margin-block-start: 0.05rem; color: var(--edge); }
.words { flex: 1 1 13rem; min-inline-size: 0; }
.title { font-weight: 650; }
.reason { margin-block-start: 0.125rem; white-space: pre-line; }
.fault { margin-block-start: 0.25rem; font-weight: 650; }
.fault:empty, .reason:empty { display: none; }
.action {
  flex: none;
  display: inline-flex;
  align-items: center;
  justify-content: center;
  min-block-size: 2.75rem;
  min-inline-size: 2.75rem;
  padding: 0.375rem 1rem;
  border: 1px solid var(--ink);
  border-radius: var(--holdfast-action-radius, 0.5rem);
  background: var(--ink);
  color: var(--ground);
  font: inherit;
  font-weight: 600;
  text-decoration: none;
  cursor: pointer;
}
.action:hover { background: transparent; color: var(--ink); }
.action:focus-visible {
  outline: 3px solid var(--holdfast-focus, var(--ink));
  outline-offset: 2px;
}
.action[aria-disabled='true'] { background: transparent; color: var(--ink); border-style: dashed; cursor: default; }
.more {
  min-block-size: 2.75rem;
  margin: 0 2.375rem 0.25rem;
  padding: 0 0.5rem;
  border: 0;
  border-radius: var(--holdfast-action-radius, 0.5rem);
  background: none;
  color: inherit;
  font: inherit;
  text-decoration: underline;
  text-underline-offset: 0.2em;
  cursor: pointer;
}
.more:focus-visible { outline: 3px solid var(--holdfast-focus, var(--ink)); outline-offset: -3px; }
.fault a { color: inherit; }
.spoken {
  position: absolute;
  inline-size: 1px;
  block-size: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
@media (prefers-reduced-motion: no-preference) {
  .box { animation: appear 180ms ease-out; }
  .action { transition: background-color 120ms, color 120ms; }
  @keyframes appear { from { opacity: 0; transform: translateY(-0.25rem); } }
}
@media (forced-colors: active) {
  .box { border-color: CanvasText; }
  .icon { color: CanvasText; }
  .action { border-color: ButtonText; }
}
@media print { .action, .more { display: none; } }
`;

let sheet: CSSStyleSheet | undefined;

/** Made in the document's own realm, and once: no content security policy has to allow it. */
export function bannerStyle(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  return sheet;
}
