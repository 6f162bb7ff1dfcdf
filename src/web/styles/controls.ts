/** Buttons and links that look like them (at least 44 px high), fields and dialogs. */
export const controls = `
.act {
  display: inline-flex; align-items: center; justify-content: center; min-height: 2.75rem;
  padding: .5rem 1.125rem; border: 1px solid transparent; border-radius: .625rem; background: var(--act);
  color: var(--act-ink); font: inherit; font-weight: 600; line-height: 1.2; text-align: center;
  text-decoration: none; cursor: pointer;
}
.act:hover { background: var(--act-over); }
.act:focus-visible { border-radius: .625rem; }
.act.plain { background: transparent; border-color: var(--edge); color: var(--ink); }
.act.plain:hover { background: var(--sunken); }
.act.sober { background: var(--ink); color: var(--ground); }
.act.sober:hover { background: var(--quiet); }
.act.danger { background: transparent; border-color: transparent; color: var(--stop); }
.act.danger:hover { background: var(--stop-ground); }
dialog .act.danger { background: var(--stop); color: var(--sheet); }
dialog .act.danger:hover { background: var(--stop); text-decoration: underline; }
.act[aria-disabled] { cursor: progress; opacity: .7; }
.actions { display: flex; flex-wrap: wrap; gap: .625rem; }
label { display: block; margin: 0 0 .375rem; font-weight: 600; }
textarea {
  width: 100%; min-height: 5.5rem; margin: 0 0 1rem; padding: .625rem .75rem; border: 1px solid var(--edge);
  border-radius: .625rem; background: var(--sunken); color: inherit; font: inherit; resize: vertical;
}
dialog {
  width: min(30rem, calc(100vw - 1.5rem)); max-height: calc(100dvh - 1.5rem); padding: 1.5rem;
  overflow: auto; border: 1px solid var(--line); border-radius: 1rem; background: var(--sheet);
  color: inherit; box-shadow: 0 16px 48px #0005;
}
dialog::backdrop { background: #0b0d1080; }
dialog h2 { margin-bottom: .75rem; font-size: 1.1875rem; }
dialog ul { margin: 0 0 1rem; padding-left: 1.25rem; list-style: disc; }
dialog .actions { justify-content: flex-end; margin: 1.25rem 0 0; }
@media (scripting: none) { .live { display: none !important; } }
@media (max-width: 30rem) {
  .actions .act { flex: 1 1 auto; }
  .sheet form > .act { width: 100%; }
  .actions .act.main { flex-basis: 100%; }
}
`;
