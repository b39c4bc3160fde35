import type { Rgb } from "./palette";

/** Colours from the bottom of a colour bar to its top. */
export type ColourMap = readonly Rgb[];

/** A colour in OKLab (Ottosson, "A perceptual color space for image processing", 2020). */
type Oklab = readonly [number, number, number];

// The maps of the written report: each follows a Bézier curve through OKLab, the
// space in which equal distances look equally different, and is cut into steps
// of one length. Lightness rises all along the sequential map and up to the
// middle of the diverging one, so both read in grey.
const sequentialCurve: Oklab[] = [[0.25, 0.03, -0.115], [0.5, -0.045, -0.125], [0.73, -0.165, 0.04], [0.95, -0.045, 0.16]];
const blueCurve: Oklab[] = [[0.37, -0.025, -0.1], [0.66, -0.05, -0.15], [0.97, 0, 0]];
const orangeCurve: Oklab[] = [[0.37, 0.07, 0.066], [0.66, 0.115, 0.14], [0.97, 0, 0]];

/** For values that run from little to much. */
export const sequential: ColourMap = evenly(256, sequentialCurve);

/** For values to either side of one that means "equal". */
export const diverging: ColourMap = [...evenly(128, blueCurve), ...evenly(128, orangeCurve).reverse().slice(1)];

/** The colour at a place of the bar, 0 at its bottom and 1 at its top. */
export function at(map: ColourMap, place: number): Rgb {
  const t = Math.min(Math.max(place, 0), 1);
  return map[Math.round(t * (map.length - 1))] ?? [0, 0, 0];
}

function rgb([l, a, b]: Oklab): Rgb {
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const encode = (v: number) => {
    const c = Math.min(Math.max(v, 0), 1);
    return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
  };
  return [
    encode(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    encode(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    encode(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

function mixed(p: Oklab, q: Oklab, t: number): Oklab {
  return [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]), p[2] + t * (q[2] - p[2])];
}

/** The point at t of a Bézier curve, by de Casteljau's construction. */
function bezier(control: Oklab[], t: number): Oklab {
  let points = control;
  while (points.length > 1) {
    const next: Oklab[] = [];
    for (let i = 1; i < points.length; i++) next.push(mixed(points[i - 1] as Oklab, points[i] as Oklab, t));
    points = next;
  }
  return points[0] as Oklab;
}

/** Takes n colours along a curve, each as far from the one before. */
function evenly(n: number, control: Oklab[]): Rgb[] {
  const pieces = 4096; // sixteen to a colour, so each is a sixteenth of a step out of place at most
  const length = [0];
  let before = bezier(control, 0);
  for (let i = 1; i <= pieces; i++) {
    const point = bezier(control, i / pieces);
    length.push((length[i - 1] as number) + Math.hypot(point[0] - before[0], point[1] - before[1], point[2] - before[2]));
    before = point;
  }
  const colours: Rgb[] = [];
  let piece = 0;
  for (let i = 0; i < n; i++) {
    const want = ((length[pieces] as number) * i) / (n - 1);
    while (piece < pieces && (length[piece] as number) < want) piece += 1;
    colours.push(rgb(bezier(control, piece / pieces)));
  }
  return colours;
}
