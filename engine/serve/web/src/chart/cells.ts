import type { Diagram, DiagramAxis } from "../api/types";
import { numbers } from "../page/number";

/** A cell of a phase diagram. */
export interface Cell {
  readonly facet: number;
  readonly x: number;
  readonly y: number;
  readonly value: number | null;
  readonly count: number;
  readonly diverged: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly theory: number | null;
}

/** Reads the cells of a diagram's panels by the names of their fields. */
export function cellsOf(diagram: Diagram): Cell[][] {
  const index = (name: string) => diagram.fields.indexOf(name);
  const at = { x: index("x"), y: index("y"), value: index("value"), count: index("count"), diverged: index("diverged"), low: index("low"), high: index("high"), theory: index("theory") };
  const read = (cell: readonly (number | null)[], i: number) => (i < 0 ? null : (cell[i] ?? null));
  return diagram.facets.map((panel, facet) => panel.cells.map((cell) => ({
    facet,
    x: read(cell, at.x) ?? 0,
    y: read(cell, at.y) ?? 0,
    value: read(cell, at.value),
    count: read(cell, at.count) ?? 0,
    diverged: read(cell, at.diverged) ?? 0,
    low: read(cell, at.low),
    high: read(cell, at.high),
    theory: read(cell, at.theory),
  })));
}

/** How many places an axis has. */
export function length(axis: DiagramAxis | null): number {
  if (!axis) return 1;
  return axis.values ? axis.values.length : Math.max(0, (axis.edges?.length ?? 1) - 1);
}

/** What a place on an axis is called. */
export function placeName(axis: DiagramAxis, i: number): string {
  let names = placeNames.get(axis);
  if (!names) placeNames.set(axis, names = namesOf(axis));
  return names[i] ?? "none";
}

/** What the places of an axis are called, found once for each axis. */
const placeNames = new WeakMap<DiagramAxis, readonly string[]>();

function namesOf(axis: DiagramAxis): string[] {
  if (!axis.values) {
    const edges = numbers(axis.edges ?? []);
    return edges.slice(1).map((edge, i) => `${edges[i]} … ${edge}`);
  }
  const labels = numbers(axis.values.filter((value) => typeof value === "number"), 4).values();
  return axis.values.map((value) => (typeof value === "number" ? (labels.next().value ?? "") : (value ?? "none")));
}

/** The conditions that let through the copies at a place on an axis. */
export function placeConditions(axis: DiagramAxis, i: number): string[] {
  if (axis.values) {
    const value = axis.values[i];
    return [`${axis.column}=${value === null || value === undefined ? "" : String(value)}`];
  }
  const edges = axis.edges ?? [];
  const last = i === edges.length - 2;
  return [`${axis.column}>=${edges[i]}`, `${axis.column}${last ? "<=" : "<"}${edges[i + 1]}`];
}

/** The conditions that let through the copies of a cell. */
export function cellConditions(diagram: Diagram, cell: { facet: number; x: number; y: number }): string[] {
  const conditions = placeConditions(diagram.x, cell.x);
  if (diagram.y) conditions.push(...placeConditions(diagram.y, cell.y));
  if (diagram.facet) conditions.push(`${diagram.facet.column}=${diagram.facets[cell.facet]?.value ?? ""}`);
  return conditions;
}
