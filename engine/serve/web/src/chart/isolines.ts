import type { Theme } from "../page/theme";
import type { Cell } from "./cells";
import { contours, type Point } from "./contours";
import { textWidth, type Box } from "./panel";
import type { Scale } from "./scale";

/** An unbroken line along which theory equals the value at a tick of the colour bar. */
export interface Isoline {
  readonly label: string;
  readonly line: readonly Point[];
}

const dash = [5, 3];
const textSize = 11;

/** The lines of theory over a panel's cells, at the ticks of the colour bar. */
export function isolines(cells: readonly Cell[], columns: number, rows: number, bar: Scale): Isoline[] {
  const table = new Map<number, number>();
  for (const cell of cells) {
    if (cell.theory !== null && Number.isFinite(cell.theory) && (!bar.log || cell.theory > 0)) table.set(cell.y * columns + cell.x, bar.place(cell.theory));
  }
  if (table.size === 0) return [];
  return bar.ticks.flatMap((tick) => contours(columns, rows, (x, y) => table.get(y * columns + x), tick.place).map((line) => ({ label: tick.label, line })));
}

/** A stretch of theory's line for the legend, from a point to the right. */
export function sample(x: number, y: number, length: number, theme: Theme): object {
  return { type: "line", silent: true, shape: { x1: x, y1: y, x2: x + length, y2: y }, style: { stroke: theme.ink, lineWidth: 1.5, lineDash: dash } };
}

/**
 * Draws lines in a panel's box: dashed as all theory is, on a casing that shows on any
 * colour, and on the longest line of each value which it is, where it covers no other.
 */
export function drawn(lines: readonly Isoline[], columns: number, rows: number, box: Box, theme: Theme): object[] {
  const pixels = lines.map(({ line }) => line.map(([x, y]) => [((x + 0.5) / columns) * box.width + box.left, (1 - (y + 0.5) / rows) * box.height + box.top] as const));
  const stroke = (points: readonly Point[], style: object) => ({ type: "polyline", silent: true, shape: { points }, style: { fill: null, lineJoin: "round", ...style } });
  const shapes: object[] = [
    ...pixels.map((points) => stroke(points, { stroke: "#ffffff", opacity: 0.65, lineWidth: 3.5 })),
    ...pixels.map((points) => stroke(points, { stroke: "#1d1f23", lineWidth: 1.5, lineDash: dash })),
  ];
  const taken: { x: number; y: number; half: number }[] = [];
  const height = textSize + 4;
  for (const label of new Set(lines.map((one) => one.label))) {
    const longest = pixels.filter((_, i) => lines[i]?.label === label).reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a));
    const half = textWidth(label, textSize) / 2 + 3;
    const length = lengthOf(longest);
    if (length < 5 * half) continue; // it would vanish below its label; the bar has the value too
    const spot = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8].map((share) => along(longest, share * length)).find(([x, y]) =>
      x - half >= box.left && x + half <= box.left + box.width && y - height / 2 >= box.top && y + height / 2 <= box.top + box.height &&
      taken.every((other) => Math.abs(other.x - x) > other.half + half || Math.abs(other.y - y) > height));
    if (!spot) continue;
    taken.push({ x: spot[0], y: spot[1], half });
    shapes.push(
      { type: "rect", silent: true, shape: { x: spot[0] - half, y: spot[1] - height / 2, width: 2 * half, height, r: 2 }, style: { fill: "#ffffff", opacity: 0.85 } },
      { type: "text", silent: true, x: spot[0], y: spot[1], style: { text: label, fill: "#1d1f23", font: `${textSize}px ${theme.font}`, textAlign: "center", textVerticalAlign: "middle" } },
    );
  }
  return shapes;
}

function lengthOf(points: readonly Point[]): number {
  return points.reduce((sum, point, i) => sum + (i > 0 ? distance(points[i - 1] as Point, point) : 0), 0);
}

function distance(a: Point, b: Point): number {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}

/** The point of a line at a distance from its start. */
function along(points: readonly Point[], far: number): Point {
  let left = far;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1] as Point, points[i] as Point];
    const step = distance(a, b);
    if (left < step) return [a[0] + ((b[0] - a[0]) * left) / step, a[1] + ((b[1] - a[1]) * left) / step];
    left -= step;
  }
  return points[points.length - 1] as Point;
}
