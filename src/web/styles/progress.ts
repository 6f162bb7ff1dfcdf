/** How far something has come. */
export const progress = `
progress { display: block; width: 100%; height: .75rem; margin: 0 0 .5rem; accent-color: var(--act); }
`;
