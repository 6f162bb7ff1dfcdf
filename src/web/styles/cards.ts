/** The connections page: its head, a card for each connection, and what a card opens. */
export const cards = `
.head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .75rem 1.5rem; margin-bottom: 1.5rem; }
.head h1 { margin-bottom: .125rem; font-size: clamp(1.5rem, 5vw, 1.875rem); }
.head > div > p { margin: 0; }
.head a { display: inline-block; padding: .625rem 0; margin: -.625rem 0; }
.card {
  margin: 0 0 1rem; padding: 1.25rem clamp(1rem, 4vw, 1.5rem); background: var(--sheet);
  border: 1px solid var(--line); border-left: .3125rem solid var(--off-line); border-radius: .875rem;
  box-shadow: var(--shade);
}
.card.ok { border-left-color: var(--ok-line); }
.card.warn { border-left-color: var(--warn-line); }
.card.off { border-left-style: dashed; }
.top { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .875rem; margin-bottom: .875rem; }
.who { flex: 1 1 12rem; min-width: 0; }
.who p { margin: 0; }
.badges { display: flex; flex-wrap: wrap; gap: .375rem; }
.tile {
  flex: none; align-self: flex-start; display: grid; place-items: center; width: 2.75rem; height: 2.75rem; border-radius: .75rem;
  background: var(--sunken); color: var(--quiet); border: 1px solid var(--line); font-weight: 700; font-size: 1.125rem;
}
.why { margin-bottom: .75rem; }
.hooks { display: flex; gap: .625rem; margin-bottom: 1rem; padding: .75rem .875rem; border-radius: .625rem; background: var(--sunken); }
.hooks .icon { margin-top: .1875rem; color: var(--quiet); }
.facts { grid-template-columns: repeat(auto-fit, minmax(min(100%, 9.5rem), 1fr)); gap: .75rem 1.25rem; margin-bottom: 1.125rem; font-size: .9375rem; }
.facts dt { font-size: .8125rem; }
details { margin: .5rem -.5rem -.5rem; }
summary {
  display: inline-flex; align-items: center; gap: .375rem; min-height: 2.75rem; padding: 0 .5rem; border-radius: .5rem;
  color: var(--quiet); font-size: .9375rem; font-weight: 600; cursor: pointer; list-style: none;
}
summary::-webkit-details-marker { display: none; }
summary:hover { color: var(--ink); }
details[open] summary .icon { transform: rotate(90deg); }
.history { margin: .25rem .5rem .5rem .9375rem; border-left: 2px solid var(--line); }
.history li { position: relative; padding: .25rem 0 .625rem 1.125rem; }
.history li::before {
  content: ""; position: absolute; left: -.375rem; top: .6875rem; width: .625rem; height: .625rem;
  border: 2px solid var(--off-line); border-radius: 50%; background: var(--sheet);
}
.history .ok::before { background: var(--ok-line); border-color: var(--ok-line); }
.history .warn::before { border-color: var(--warn-line); border-radius: .125rem; transform: rotate(45deg); background: var(--warn-line); }
.history time { display: block; color: var(--quiet); font-size: .8125rem; }
.empty { padding: 3rem 1.5rem; text-align: center; border: 1px dashed var(--edge); border-radius: 1rem; }
.empty .icon { width: 2rem; height: 2rem; color: var(--quiet); }
.lost { display: none; }
main.unknown .lost { display: block; }
holdfast-banner {
  display: block; margin-bottom: 1rem; --holdfast-radius: .75rem; --holdfast-focus: var(--focus);
  --holdfast-broken-background: var(--warn-ground); --holdfast-broken-color: var(--warn); --holdfast-broken-border: var(--warn-line);
  --holdfast-pause-background: var(--stop-ground); --holdfast-pause-color: var(--stop); --holdfast-pause-border: var(--stop-line);
  --holdfast-unknown-background: var(--off-ground); --holdfast-unknown-color: var(--off); --holdfast-unknown-border: var(--off-line);
}
main.unheard holdfast-banner:defined ~ .notice.lost { display: none; }
main.unknown .badge.lost { display: inline-flex; }
main.unknown .sure, main.unknown .card > .actions, main.unknown .head .act { display: none; }
main.unknown .card { border-left: .3125rem dotted var(--off-line); }
@media (max-width: 30rem) {
  .facts { gap: .375rem; }
  .facts > div { display: grid; grid-template-columns: max-content 1fr; gap: 0 1.25rem; }
  .facts dt { font-size: inherit; }
  .facts dd { grid-column: 2; text-align: end; }
}
`;
