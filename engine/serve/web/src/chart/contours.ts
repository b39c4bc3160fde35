/** A point of a table of cells, in cells: the centre of the first cell is (0, 0). */
export type Point = readonly [number, number];

/** The corners of a square, one after the other around it, and where each lies. */
const around = [[0, 0], [1, 0], [1, 1], [0, 1]] as const;

/**
 * The lines along which a table of cells equals a level, found by marching squares
 * between the centres of cells. Beyond the outer centres the table goes on as it is,
 * so that lines reach its sides. A square with a corner that has no value holds none.
 */
export function contours(columns: number, rows: number, at: (x: number, y: number) => number | undefined, level: number): Point[][] {
  const within = (i: number, n: number) => Math.min(Math.max(i, 0), n - 1);
  const corner = (x: number, y: number) => at(within(x, columns), within(y, rows));
  const place = (i: number, n: number) => Math.min(Math.max(i, -0.5), n - 0.5);
  const points = new Map<string, Point>();
  const links = new Map<string, string[]>();

  /** The name of the crossing of an edge, from (x, y) to the right or up. */
  const crossing = (x: number, y: number, right: number, up: number): string => {
    const name = `${x},${y},${up}`;
    if (!points.has(name)) {
      const a = corner(x, y) as number;
      const b = corner(x + right, y + up) as number;
      const share = (level - a) / (b - a);
      const between = (from: number, to: number) => from + share * (to - from);
      points.set(name, [between(place(x, columns), place(x + right, columns)), between(place(y, rows), place(y + up, rows))]);
      links.set(name, []);
    }
    return name;
  };

  for (let y = -1; y < rows; y++) {
    for (let x = -1; x < columns; x++) {
      const values = around.map(([right, up]) => corner(x + right, y + up));
      if (values.some((value) => value === undefined)) continue;
      const [a, b, c, d] = (values as number[]).map((value) => value >= level);
      const edges: string[] = [];
      if (a !== b) edges.push(crossing(x, y, 1, 0));
      if (b !== c) edges.push(crossing(x + 1, y, 0, 1));
      if (c !== d) edges.push(crossing(x, y + 1, 1, 0));
      if (d !== a) edges.push(crossing(x, y, 0, 1));
      // In a saddle the middle decides which corners hang together.
      const middle = (values as number[]).reduce((sum, value) => sum + value, 0) / 4;
      if (edges.length === 4 && middle >= level !== a) edges.unshift(edges.pop() as string);
      for (let k = 0; k + 1 < edges.length; k += 2) {
        const [from, to] = [edges[k] as string, edges[k + 1] as string];
        links.get(from)?.push(to);
        links.get(to)?.push(from);
      }
    }
  }
  return chained(points, links);
}

/** Follows links from point to point: first the lines with ends, then the closed ones. */
function chained(points: ReadonlyMap<string, Point>, links: ReadonlyMap<string, readonly string[]>): Point[][] {
  const used = new Set<string>();
  const follow = (start: string): Point[] => {
    const line: Point[] = [];
    let last = start;
    for (let here: string | undefined = start; here !== undefined; here = links.get(here)?.find((next) => !used.has(next))) {
      used.add(here);
      line.push(points.get(here) as Point);
      last = here;
    }
    if (line.length > 2 && links.get(start)?.length === 2 && links.get(last)?.includes(start)) line.push(points.get(start) as Point);
    return line;
  };
  const lines: Point[][] = [];
  const names = [...points.keys()];
  for (const name of names) if (!used.has(name) && links.get(name)?.length === 1) lines.push(follow(name));
  for (const name of names) if (!used.has(name)) lines.push(follow(name));
  return lines;
}
