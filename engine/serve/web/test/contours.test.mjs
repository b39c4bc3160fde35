import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "vite";

let server;
let contours;
before(async () => {
  server = await createServer({ server: { middlewareMode: true, hmr: false, ws: false }, appType: "custom", logLevel: "error", optimizeDeps: { noDiscovery: true } });
  ({ contours } = await server.ssrLoadModule("/src/chart/contours.ts"));
});
after(() => server.close());

/** The table's value between centres, where a line's points are: on an edge, one of x and y is whole. */
function between(at, columns, rows, [x, y]) {
  const clamp = (v, n) => Math.min(Math.max(v, 0), n - 1);
  const [cx, cy] = [clamp(x, columns), clamp(y, rows)];
  const [x0, y0] = [Math.floor(cx), Math.floor(cy)];
  const [x1, y1] = [Math.ceil(cx), Math.ceil(cy)];
  const [tx, ty] = [cx - x0, cy - y0];
  return (1 - tx) * (1 - ty) * at(x0, y0) + tx * (1 - ty) * at(x1, y0) + (1 - tx) * ty * at(x0, y1) + tx * ty * at(x1, y1);
}

test("a plane's line is straight from side to side", () => {
  const lines = contours(5, 4, (x, y) => x + 2 * y, 3.5);
  assert.equal(lines.length, 1);
  for (const [x, y] of lines[0]) {
    if (x >= 0 && x <= 4 && y >= 0 && y <= 3) assert.ok(Math.abs(x + 2 * y - 3.5) < 1e-12, `(${x}, ${y}) is not on the line`);
  }
  const ends = [lines[0][0], lines[0].at(-1)].map(([x, y]) => x === -0.5 || x === 4.5 || y === -0.5 || y === 3.5);
  assert.deepEqual(ends, [true, true]);
});

test("every point has the level, and every line is unbroken", () => {
  // Numbers that are the same in every run: the fractional parts of multiples of the golden ratio.
  const at = (x, y) => ((x * 7 + y * 31 + 1) * 0.6180339887498949) % 1;
  const lines = contours(9, 8, at, 0.43);
  assert.ok(lines.length > 5);
  for (const line of lines) {
    line.forEach((point, i) => {
      // Roundings of an interpolation of numbers below one.
      assert.ok(Math.abs(between(at, 9, 8, point) - 0.43) < 1e-14, `(${point}) has ${between(at, 9, 8, point)}`);
      if (i > 0) assert.ok(Math.hypot(point[0] - line[i - 1][0], point[1] - line[i - 1][1]) <= Math.SQRT2, "a step leaves its square");
    });
    const ends = [line[0], line.at(-1)];
    const closed = ends[0][0] === ends[1][0] && ends[0][1] === ends[1][1];
    const sides = ends.every(([x, y]) => x === -0.5 || x === 8.5 || y === -0.5 || y === 7.5);
    assert.ok(closed || sides, `a line ends at ${ends} in the middle of the table`);
  }
});

test("a hill has a closed line, a saddle is cut where its middle says", () => {
  const hill = contours(5, 5, (x, y) => -((x - 2) ** 2) - (y - 2) ** 2, -2);
  assert.equal(hill.length, 1);
  assert.deepEqual(hill[0][0], hill[0].at(-1));
  const saddle = [[1, 0], [0, 1]];
  for (const [level, joined] of [[0.4, true], [0.6, false]]) {
    // High corners at (0, 0) and (1, 1) hang together where the middle, a half, is above the level.
    const lines = contours(2, 2, (x, y) => saddle[y][x], level);
    const cut = lines.some((line) => line.some(([x, y]) => x > 0 && x < 1 && y === 0) && line.some(([x, y]) => x === 0 && y > 0 && y < 1));
    assert.equal(cut, !joined, `level ${level}`);
  }
});

test("a square without a value holds no line", () => {
  const at = (x, y) => (x === 2 && y === 1 ? undefined : y);
  for (const line of contours(5, 3, at, 0.5)) for (const [x] of line) assert.ok(x <= 1 || x >= 3, `a line at ${x}`);
  assert.deepEqual(contours(3, 3, () => undefined, 0.5), []);
});
