/** How far something has come. */
export const progress = `
progress { display: block; width: 100%; height: .75rem; margin: 0 0 .5rem; accent-color: var(--link); }
.tick { margin: 0 0 .5rem; color: var(--ok); }
.tick .icon { display: block; width: 3rem; height: 3rem; }
#progress-return { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; }
#progress-return[hidden] { display: none; }
#progress-return.over { visibility: hidden; }
`;
