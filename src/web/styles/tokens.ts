/** What text with the colour of a link may stand on. */
export const grounds = {
  light: ['#f7f7f5', '#ffffff', '#f1f1ee'],
  dark: ['#111316', '#191c20', '#16181c'],
} as const;

const [ground, sheet, sunken] = grounds.light;
const [darkGround, darkSheet, darkSunken] = grounds.dark;

/** The colours, light and dark. Every pair of an ink and its ground has a contrast of 4.5 or more. */
export const tokens = `
:root {
  color-scheme: light dark;
  --ground: ${ground}; --sheet: ${sheet}; --sunken: ${sunken}; --ink: #1c2024; --quiet: #5a6069;
  --line: #e4e2dc; --edge: #858a92; --shade: 0 1px 2px #1c20240d;
  --act: #0f5a62; --act-over: #0a444a; --act-ink: #fff; --link: #0f5a62; --focus: #0f5a62;
  --ok: #1c6137; --ok-ground: #e5f2e9; --ok-line: #7fb893;
  --warn: #6e4200; --warn-ground: #fdf1d8; --warn-line: #d99a1c;
  --off: #4b5159; --off-ground: #eeede9; --off-line: #a9a9a5;
  --hold: #36456b; --hold-ground: #ecf0f9; --hold-line: #8c9cc4;
  --stop: #981b1b; --stop-ground: #fcebe9; --stop-line: #d2635b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: ${darkGround}; --sheet: ${darkSheet}; --sunken: ${darkSunken}; --ink: #ebe9e4; --quiet: #a7abb3;
    --line: #2b2f36; --edge: #757b85; --shade: none;
    --act: #86d0d3; --act-over: #a5e0e2; --act-ink: #06282b; --link: #86d0d3; --focus: #86d0d3;
    --ok: #a0dbb3; --ok-ground: #17301f; --ok-line: #3f7d55;
    --warn: #f4cb70; --warn-ground: #32270e; --warn-line: #a87b1d;
    --off: #c5c8cd; --off-ground: #2a2d33; --off-line: #5c626b;
    --hold: #c6d1ef; --hold-ground: #202840; --hold-line: #5d6d99;
    --stop: #ffb3ab; --stop-ground: #3a1b19; --stop-line: #b0544c;
  }
}
`;
