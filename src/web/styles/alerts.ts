/** What stands above the rest: badges, notices in their colours, and what was just done. */
export const notices = `
.badge {
  display: inline-flex; align-items: center; gap: .375rem; margin: 0; padding: .1875rem .6875rem .1875rem .5rem;
  border: 1px solid var(--off-line); border-radius: 2rem; background: var(--off-ground); color: var(--off);
  font-size: .875rem; font-weight: 600; line-height: 1.4;
}
.badge.ok { border-color: var(--ok-line); background: var(--ok-ground); color: var(--ok); }
.badge.warn { border-color: var(--warn-line); background: var(--warn-ground); color: var(--warn); }
.badge.new, .badge.hold { border-color: var(--hold-line); background: var(--hold-ground); color: var(--hold); }
.badge.unknown { border-style: dashed; }
.notice {
  margin: 0 0 .75rem; padding: .75rem 1rem; border: 1px solid var(--off-line); border-left-width: .3125rem;
  border-radius: .75rem; background: var(--off-ground); color: var(--off);
}
.notice.warn { border-color: var(--warn-line); background: var(--warn-ground); color: var(--warn); }
.notice.hold { border-color: var(--hold-line); background: var(--hold-ground); color: var(--hold); }
.notice.stop { border-color: var(--stop-line); background: var(--stop-ground); color: var(--stop); }
.notice.lines { padding-block: .375rem; }
.notice p { margin-bottom: .375rem; }
.notice a:not(.act) { color: inherit; font-weight: 600; }
.notice li { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .25rem 1rem; }
.notice li a { display: inline-flex; align-items: center; min-height: 2.75rem; }
.said {
  position: sticky; z-index: 1; bottom: .75rem; width: fit-content; max-width: 34rem; margin: .75rem auto 0; padding: .875rem 1.125rem;
  border-radius: .75rem; background: var(--ink); color: var(--ground); box-shadow: 0 8px 32px #0004;
}
.said:empty { display: none; }
.said.bad { background: var(--stop); color: var(--sheet); }
`;
