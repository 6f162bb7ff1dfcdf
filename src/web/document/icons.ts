import { Html } from './html';

/** Drawn on a field of 24 by 24. A shape of its own for each state, so that none is told by its colour alone. */
const shapes = {
  ok: '<circle cx="12" cy="12" r="9"/><path d="m8 12.5 2.8 2.8L16 9.5"/>',
  warn: '<path d="M12 3.5 2.5 20h19z"/><path d="M12 10v4.5M12 17.5v.01"/>',
  plug: '<path d="M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4"/>',
  trouble: '<path d="M3 12h4l2.5-6 4 12 2.5-6h5"/>',
  off: '<path d="M12 3v8"/><path d="M6.8 6.6a7.5 7.5 0 1 0 10.4 0"/>',
  pause: '<circle cx="12" cy="12" r="9"/><path d="M10 9v6M14 9v6"/>',
  unknown: '<circle cx="12" cy="12" r="9"/><path d="M9.5 9.5a2.5 2.5 0 1 1 2.5 3v1M12 16.5v.01"/>',
  inbox: '<path d="M4 13 6.5 5h11L20 13v6H4zM4 13h5l1 2.5h4l1-2.5h5"/>',
  more: '<path d="m9 6 6 6-6 6"/>',
} as const;

export type Icon = keyof typeof shapes;

/** Once in a page that shows any: the shapes that `icon` refers to. */
export const iconShapes = new Html(
  `<svg width="0" height="0" aria-hidden="true" hidden><defs>${Object.entries(shapes)
    .map(([name, shape]) => `<symbol id="i-${name}" viewBox="0 0 24 24">${shape}</symbol>`)
    .join('')}</defs></svg>`,
);

/** Nothing that a screen reader says: the words stand beside it. */
export const icon = (name: Icon): Html =>
  new Html(`<svg class="icon" aria-hidden="true"><use href="#i-${name}"/></svg>`);
