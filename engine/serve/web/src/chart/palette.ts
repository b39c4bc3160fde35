/** A colour's red, green and blue, from 0 to 255. */
export type Rgb = readonly [number, number, number];

/**
 * Okabe and Ito's colours, which stay apart for every common kind of colour
 * blindness (Color Universal Design, 2008), in the order of the written report.
 * On a dark page each keeps its hue and is lighter. Whatever a colour tells, a
 * marker or a dash tells as well.
 */
export const hues = {
  light: [
    [0x00, 0x72, 0xb2], // blue
    [0xd5, 0x5e, 0x00], // vermillion
    [0x00, 0x9e, 0x73], // bluish green
    [0xcc, 0x79, 0xa7], // reddish purple
    [0xe6, 0x9f, 0x00], // orange
    [0x56, 0xb4, 0xe9], // sky blue
    [0x6e, 0x6e, 0x6e], // grey
  ],
  dark: [
    [0x45, 0xa3, 0xe6],
    [0xf0, 0x85, 0x3c],
    [0x2c, 0xc2, 0x98],
    [0xe0, 0x9b, 0xc6],
    [0xf2, 0xb8, 0x3f],
    [0x9a, 0xd6, 0xf7],
    [0xa9, 0xad, 0xb3],
  ],
} satisfies Record<string, Rgb[]>;

/** The markers that go with the colours. */
export const markers = ["circle", "triangle", "rect", "diamond", "arrow", "pin", "roundRect"] as const;

/** A colour as CSS writes it. */
export function css(colour: Rgb, opacity = 1): string {
  const [r, g, b] = colour;
  return opacity === 1 ? `rgb(${r}, ${g}, ${b})` : `rgba(${r}, ${g}, ${b}, ${opacity})`;
}

/** The colour at place k of a theme's hues, which repeat. */
export function hue(all: readonly Rgb[], k: number): Rgb {
  return all[k % all.length] ?? [110, 110, 110];
}

/**
 * The shade of theory: the hue of its simulation, far enough from it in
 * lightness to be read as a line of its own upon it.
 */
export function theoryShade(colour: Rgb, dark: boolean): Rgb {
  const shade = (v: number) => Math.round(dark ? v + (255 - v) * 0.62 : v * 0.45);
  return [shade(colour[0]), shade(colour[1]), shade(colour[2])];
}

/** The relative luminance of a colour (WCAG 2). */
export function luminance(colour: Rgb): number {
  const linear = (v: number) => {
    const s = v / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
}

/** Black or white, whichever is read better on a colour. */
export function inkOn(colour: Rgb): string {
  // Contrast is (L + 0.05) / (L' + 0.05); both inks are equal at √(0.05 · 1.05) − 0.05.
  return luminance(colour) > 0.179 ? "#000000" : "#ffffff";
}
