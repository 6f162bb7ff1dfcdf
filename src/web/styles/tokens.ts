/** The colours, light and dark. Every pair of an ink and its ground has a contrast of 4.5 or more. */
export const tokens = `
:root {
  color-scheme: light dark;
  --ground: #f6f5f1; --sheet: #fff; --sunken: #f3f2ee; --ink: #1c2024; --quiet: #5a6069;
  --line: #e0ddd5; --edge: #858a92; --shade: 0 1px 2px #1c20240f, 0 4px 16px #1c20240a;
  --act: #0f5a62; --act-over: #0a444a; --act-ink: #fff; --focus: #0f5a62;
  --ok: #1c6137; --ok-ground: #e5f2e9; --ok-line: #7fb893;
  --warn: #6e4200; --warn-ground: #fdf1d8; --warn-line: #d99a1c;
  --off: #4b5159; --off-ground: #eeede9; --off-line: #a9a9a5;
  --stop: #981b1b; --stop-ground: #fcebe9; --stop-line: #d2635b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #131518; --sheet: #1c1f24; --sunken: #16181c; --ink: #ebe9e4; --quiet: #a7abb3;
    --line: #31353c; --edge: #757b85; --shade: none;
    --act: #86d0d3; --act-over: #a5e0e2; --act-ink: #06282b; --focus: #86d0d3;
    --ok: #a0dbb3; --ok-ground: #17301f; --ok-line: #3f7d55;
    --warn: #f4cb70; --warn-ground: #32270e; --warn-line: #a87b1d;
    --off: #c5c8cd; --off-ground: #2a2d33; --off-line: #5c626b;
    --stop: #ffb3ab; --stop-ground: #3a1b19; --stop-line: #b0544c;
  }
}
`;
