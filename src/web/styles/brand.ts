import { grounds } from './tokens';

/** Red, green and blue, each from 0 to 255. */
type Colour = readonly [number, number, number];

/** WCAG 2.2, 1.4.3: text of a usual size. */
const leastContrast = 4.5;
const black: Colour = [0, 0, 0];
const white: Colour = [255, 255, 255];

interface BrandColours {
  /** What comes after the tokens, and takes their place. */
  style: string;
  /** Whether the colour is as it is where it is text on the page's own grounds; a button always is. */
  isReadable: { light: boolean; dark: boolean };
}

/**
 * A button has the brand's colour as it is, with black or white text: one of the two always has enough contrast. Where
 * the colour is text itself, or a line around what has the focus, it is made darker or lighter until it can be read.
 *
 * @param color `#rrggbb`
 */
export function brandColours(color: string): BrandColours {
  const brand = colourOf(color);
  const ink = contrast(brand, white) >= contrast(brand, black) ? white : black;
  // Away from its text, so that the contrast only grows.
  const over = mix(brand, ink === white ? black : white, 0.15);
  const link = (mode: 'light' | 'dark') => readable(brand, mode);
  const button = `--act: ${hex(brand)}; --act-over: ${hex(over)}; --act-ink: ${hex(ink)};`;
  const text = (mode: 'light' | 'dark') =>
    `--link: ${hex(link(mode))}; --focus: ${hex(link(mode))};`;
  return {
    style: `
:root { ${button} ${text('light')} }
@media (prefers-color-scheme: dark) { :root { ${button} ${text('dark')} } }
`,
    isReadable: {
      light: hex(link('light')) === hex(brand),
      dark: hex(link('dark')) === hex(brand),
    },
  };
}

/** The same hue, as far from all grounds of the mode as text has to be. */
function readable(brand: Colour, mode: 'light' | 'dark'): Colour {
  const end = mode === 'light' ? black : white;
  const on = grounds[mode].map(colourOf);
  for (let share = 0; share < 1; share += 0.02) {
    const tried = mix(brand, end, share);
    if (on.every((ground) => contrast(tried, ground) >= leastContrast)) return tried;
  }
  return end;
}

/** WCAG 2.2, "contrast ratio": from 1 to 21. */
function contrast(one: Colour, other: Colour): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG 2.2, "relative luminance". */
function luminance([red, green, blue]: Colour): number {
  const linear = (value: number) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

const mix = ([r, g, b]: Colour, [red, green, blue]: Colour, share: number): Colour => [
  Math.round(r + (red - r) * share),
  Math.round(g + (green - g) * share),
  Math.round(b + (blue - b) * share),
];

const colourOf = (text: string): Colour => [
  Number.parseInt(text.slice(1, 3), 16),
  Number.parseInt(text.slice(3, 5), 16),
  Number.parseInt(text.slice(5, 7), 16),
];

const hex = (colour: Colour): string =>
  `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
