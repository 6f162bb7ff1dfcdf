/**
 * A list of connections: a row for each, in columns on a desk, its facts under one another on a phone. A finger's row is
 * 44 px high; a mouse's is lower, so that twenty are seen at once. Where three or more have to be mended, a phone shows why
 * with the rest: what they are, their state and the one thing to do come first.
 */
export const rows = `
#cards { border: 1px solid var(--line); border-radius: .75rem; background: var(--sheet); box-shadow: var(--shade); }
#cards:not(:has(li)) { display: none; }
.card + .card { border-top: 1px solid var(--line); }
.card > details { margin: 0; }
.row {
  display: grid; align-items: center; width: 100%; padding: .625rem .875rem; gap: .0625rem .75rem; border-radius: 0;
  grid-template: "tile who more" auto "tile account more" auto "tile now more" auto "tile note more" auto / 2rem minmax(0, 1fr) 1rem;
  color: var(--ink); font-weight: 400;
}
.card:first-child .row { border-radius: .6875rem .6875rem 0 0; }
.card:last-child > details:not([open]) > .row { border-radius: 0 0 .6875rem .6875rem; }
.card:only-child > details:not([open]) > .row { border-radius: .6875rem; }
.row:hover { background: var(--sunken); }
.row:focus-visible { outline-offset: -3px; }
.row > .icon { grid-area: more; width: 1rem; height: 1rem; color: var(--quiet); transition: none; }
details[open] > .row > .icon { transform: rotate(90deg); }
.tile {
  grid-area: tile; align-self: start; position: relative; display: grid; place-items: center; width: 2rem; height: 2rem; overflow: hidden;
  border: 1px solid var(--line); border-radius: .5rem; background: var(--sunken); color: var(--quiet); font-size: .875rem; font-weight: 700; line-height: 1;
}
.tile img { position: absolute; inset: 0; width: 100%; height: 100%; padding: 2px; object-fit: contain; background: #fff; }
.who { grid-area: who; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .5rem; min-width: 0; }
.who h2 { font-size: .9375rem; font-weight: 600; }
.who .name, .account, .when { font-size: .875rem; }
.who h2, .who .name, .account { min-width: 0; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.account, .when { color: var(--quiet); }
.account { grid-area: account; }
.account:empty, .row .note:empty { display: none; }
.now { grid-area: now; display: flex; flex-wrap: wrap; align-items: center; gap: 0 .75rem; }
.when.none { display: none; }
.row .note { grid-area: note; color: var(--warn); font-size: .875rem; }
.columns { display: none; }
.row .badge { padding: 0; border: 1px solid transparent; border-width: 1px 0; background: none; font-size: .875rem; font-weight: 500; line-height: 1.375rem; }
.when { line-height: 1.5rem; }
.mend, .detail { padding: 0 .875rem .875rem; }
.mend { font-size: .9375rem; }
.mend p, .mend .why { margin: 0 0 .25rem; }
.mend .actions { margin: .625rem 0 0; }
.mend .hooks { color: var(--quiet); }
.detail { font-size: .9375rem; }
.rest { margin: 0; }
.rest > summary { margin: 0 .375rem; }
.rest .detail { padding-top: .25rem; }
main:not(.unknown) .card.warn:has(> details[open] > .due) { box-shadow: inset .1875rem 0 var(--warn-line); }
main:not(.unknown) .card.new:has(> details[open] > .due) { box-shadow: inset .1875rem 0 var(--hold-line); }
@media (max-width: 47.99rem) {
  .row > .icon { grid-row: who / account; }
  .now { grid-column: now / -1; column-gap: .5rem; }
  .when { font-size: .8125rem; }
  details[open] > .row:has(+ .due) .when { display: none; }
  #cards:has(> :nth-child(3) > details > .due) > .card:not(:has(> details > .rest[open])) > details:not([data-standing="ending"]) > .due:has(> .actions) {
    > .sure { display: none; }
    > .actions { margin-top: 0; }
  }
  .mend:has(> .actions):has(+ .rest) { padding-bottom: 0; }
  main:not(.unknown) .mend:has(+ .rest) > .actions { margin-right: 5.5rem; }
  main:not(.unknown) .mend:has(> .actions) + .rest { margin-top: -2.75rem; padding-bottom: .75rem; }
  main:not(.unknown) .mend:has(> .actions) + .rest > summary { display: flex; width: fit-content; margin-left: auto; }
  main:not(.unknown) .mend:has(> .actions) + .rest > .detail { padding-top: .75rem; }
}
@media (min-width: 48rem) {
  .row { grid-template: "tile who state when more" auto "tile account state when more" auto ". note note note note" auto / 2rem minmax(0, 1fr) 10.5rem 8rem 1rem; gap: 0 .75rem; padding: .375rem .875rem; }
  .row:not(:has(.account:not(:empty))) .who { grid-row: 1 / 3; }
  .row .tile { align-self: center; }
  .now { display: contents; }
  .state { grid-area: state; }
  .when, .when.none { display: block; grid-area: when; }
  .of { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .row .note { padding-bottom: .25rem; }
  .mend { display: flex; align-items: center; gap: 1.5rem; padding: 0 .875rem .5rem 3.625rem; }
  .mend > :first-child { flex: 1; }
  .mend .actions { flex: none; margin: 0; }
  .detail { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: .75rem 2rem; padding-left: 3.625rem; }
  .detail > .actions { grid-column: 1 / -1; margin: 0; }
  .facts > div { display: grid; align-items: baseline; grid-template-columns: 8.5rem minmax(0, 1fr); gap: 0 1rem; }
  .facts dd { grid-column: 2; }
  .rest > summary { margin-left: 3.125rem; }
}
@media (min-width: 62rem) {
  .row, .columns { grid-template-columns: 1.75rem minmax(0, 1.3fr) minmax(0, 1fr) 10.5rem 7.5rem 1rem; }
  .row { grid-template-areas: "tile who account state when more" ". note note note note note"; grid-template-rows: auto; padding-block: .25rem; min-height: 2.75rem; }
  .row .who { grid-row: auto; flex-wrap: nowrap; }
  .row .tile { width: 1.75rem; height: 1.75rem; font-size: .8125rem; }
  .who h2 { flex: none; max-width: 100%; }
  .who h2:not(:only-child) { max-width: 75%; }
  .who .name { flex: 0 1 auto; }
  .who h2, .who .name, .account { -webkit-line-clamp: 1; word-break: break-all; }
  .row .account { display: -webkit-box; }
  .columns { display: grid; gap: 0 .75rem; padding: 0 .9375rem .25rem; color: var(--quiet); font-size: .75rem; }
  .mend, .detail { padding-left: 3.375rem; }
  .rest > summary { margin-left: 2.875rem; }
}
@media (min-width: 62rem) and (pointer: fine) {
  .row { min-height: 2.25rem; padding-block: .125rem; }
  .row .tile { width: 1.5rem; height: 1.5rem; justify-self: center; border-radius: .375rem; font-size: .75rem; }
  .mend .act, .bar .act, .detail .act { min-height: 2.25rem; padding-block: .25rem; font-size: .9375rem; }
  .rest > summary { min-height: 1.75rem; }
  .rest[open] > summary { margin-bottom: .25rem; }
  .find input { min-height: 2.25rem; }
}
`;
