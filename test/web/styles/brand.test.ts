import { brandColours } from '../../../src/web/styles/brand';
import { grounds } from '../../../src/web/styles/tokens';

/** WCAG 2.2, written down once more: by its text and not by ours. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) =>
    [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, index) => sum + part * ([0.2126, 0.7152, 0.0722][index] ?? 0), 0);
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** The values of a variable: light, dark. */
const valuesOf = (style: string, name: string) =>
  [...style.matchAll(new RegExp(`${name}: (#[0-9a-f]{6})`, 'g'))].map(([, value = '']) => value);

const colours = [
  ...['#000000', '#ffffff', '#ffcc00', '#777777', '#0f5a62', '#ff0000', '#00ff00', '#0000ff'],
  ...Array.from(
    { length: 60 },
    (_, index) => `#${((index * 279_620) % 0xffffff).toString(16).padStart(6, '0')}`,
  ),
];

test.each(colours)('%s can be read on and as text, light and dark', (colour) => {
  const { style } = brandColours(colour);
  const [buttons, overs, inks] = ['--act', '--act-over', '--act-ink'].map((name) =>
    valuesOf(style, name),
  );
  expect(buttons).toEqual([colour, colour]);
  for (const [index, ink] of (inks ?? []).entries()) {
    expect(contrast(colour, ink)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(overs?.[index] ?? '', ink)).toBeGreaterThanOrEqual(4.5);
  }
  const [light = '', dark = ''] = valuesOf(style, '--link');
  for (const ground of grounds.light) expect(contrast(light, ground)).toBeGreaterThanOrEqual(4.5);
  for (const ground of grounds.dark) expect(contrast(dark, ground)).toBeGreaterThanOrEqual(4.5);
});

test('a colour that can be read as it is stays as it is, and it is known where it does not', () => {
  expect(brandColours('#0f5a62').isReadable).toEqual({ light: true, dark: false });
  expect(brandColours('#ffcc00').isReadable).toEqual({ light: false, dark: true });
});
