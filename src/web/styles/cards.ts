/** The connections page around its list, and what a connection opens. */
export const cards = `
.app { display: block; max-width: 12rem; height: 1.75rem; margin: 0 0 .75rem; object-fit: contain; object-position: left; }
.head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1.5rem; margin-bottom: .25rem; }
.head h1 { margin: 0; font-size: 1.375rem; }
.head p { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1rem; margin: 0; }
.head a { display: inline-flex; align-items: center; min-height: 2.75rem; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; margin: .5rem 0; }
.bar > p { margin: 0; }
.sum { flex: 1 1 8rem; }
.sum strong { color: var(--warn); font-weight: 600; white-space: nowrap; }
.find { display: flex; flex: 1 1 16rem; flex-wrap: wrap; align-items: center; gap: .25rem .75rem; }
.find input {
  flex: 1 1 12rem; min-width: 0; min-height: 2.75rem; padding: .25rem .75rem; border: 1px solid var(--edge); border-radius: .5rem;
  background: var(--sheet); color: inherit; font: inherit; font-size: .9375rem;
}
.find p { margin: 0; }
.find p:empty { display: none; }
.facts { display: grid; grid-template-columns: 1fr; gap: .5rem; margin: 0; }
.facts dt { font-size: .8125rem; }
.facts dd { margin: 0; }
details { margin: .5rem -.5rem -.5rem; }
summary {
  display: inline-flex; align-items: center; gap: .375rem; min-height: 2.75rem; padding: 0 .5rem; border-radius: .5rem;
  color: var(--quiet); font-size: .9375rem; font-weight: 600; cursor: pointer; list-style: none;
}
summary::-webkit-details-marker { display: none; }
summary:hover { color: var(--ink); }
details[open] > summary > .icon { transform: rotate(90deg); }
.past { margin-top: .75rem; }
.past h3 { margin: 0 0 .25rem; color: var(--quiet); font-size: .8125rem; font-weight: 400; }
.history { margin: 0 0 0 .3125rem; border-left: 2px solid var(--line); }
.history li { position: relative; padding: 0 0 .5rem 1rem; }
.history li:last-child { padding-bottom: 0; }
.history li::before {
  content: ""; position: absolute; left: -.375rem; top: .375rem; width: .625rem; height: .625rem;
  border: 2px solid var(--off-line); border-radius: 50%; background: var(--sheet);
}
.history .ok::before { background: var(--ok-line); border-color: var(--ok-line); }
.history .warn::before { border-color: var(--warn-line); border-radius: .125rem; transform: rotate(45deg); background: var(--warn-line); }
.history time { display: block; color: var(--quiet); font-size: .8125rem; }
.detail > .actions { margin-top: .75rem; }
.asked { margin: .25rem 0 1.25rem; padding-left: 1.25rem; list-style: disc; }
.with img { vertical-align: -.25em; margin-left: .25rem; border-radius: .25rem; background: #fff; }
.empty { padding: 3rem 1.5rem; text-align: center; border: 1px dashed var(--edge); border-radius: .75rem; }
.empty .icon { width: 2rem; height: 2rem; color: var(--quiet); }
.lost { display: none; }
main.unknown .lost { display: block; }
holdfast-banner {
  display: block; --holdfast-font-size: .875rem; --holdfast-radius: .75rem; --holdfast-focus: var(--focus);
  --holdfast-broken-background: var(--warn-ground); --holdfast-broken-color: var(--warn); --holdfast-broken-border: var(--warn-line);
  --holdfast-pause-background: var(--hold-ground); --holdfast-pause-color: var(--hold); --holdfast-pause-border: var(--hold-line);
  --holdfast-unknown-background: var(--off-ground); --holdfast-unknown-color: var(--off); --holdfast-unknown-border: var(--off-line);
}
main.unheard holdfast-banner:defined ~ .notice.lost { display: none; }
main.unknown .badge.lost { display: inline-flex; }
main.unknown .sure, main.unknown .mend .actions, main.unknown .detail .actions, main.unknown .bar .act { display: none; }
main.unknown #cards { border-style: dashed; }
main.unknown .card + .card { border-top-style: dashed; }
main.unknown .card > details > .due { display: none; }
@media (min-width: 48rem) { .past { margin: 0; } }
@media (min-width: 62rem) and (pointer: fine) { .head a { min-height: 1.75rem; } }
`;
