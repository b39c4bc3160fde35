import type { Column, Sweep } from "../api/types";

/** Everything a sweep's view shows, as its address has it. */
export interface Choice {
  readonly x: string;
  /** Empty: curves over x. */
  readonly y: string;
  readonly value: string;
  readonly stat: string;
  /** Empty: one panel. */
  readonly facet: string;
  readonly xLog: boolean;
  readonly yLog: boolean;
  readonly colourLog: boolean;
  /** Conditions on every view. */
  readonly where: readonly string[];
  /** The conditions of the cell whose trajectories are shown; none where there are none. */
  readonly cell: readonly string[];
  readonly group: number;
  readonly seeds: boolean;
  readonly stepLog: boolean;
  readonly lossLinear: boolean;
}

/** What a cell's copies are boiled down to. */
export const stats: readonly (readonly [string, string])[] = [
  ["mean", "mean"], ["median", "median"], ["min", "smallest"], ["max", "largest"], ["sd", "standard deviation"],
  ["count", "number of copies"], ["diverged", "share that diverged"],
];

/** Parameters that differ within the sweep, seeds and names of copies aside. */
export function varying(sweep: Sweep): Column[] {
  return sweep.columns.filter((column) => column.kind === "parameter" && column.name !== "seed" && (column.distinct ?? 2) > 1);
}

/** What can stand on an axis. */
export function axes(sweep: Sweep): Column[] {
  const some = varying(sweep);
  return some.length > 0 ? some : sweep.columns.filter((column) => column.kind === "parameter" && column.name !== "seed");
}

/** Reads a choice; what the address leaves open is chosen so that most sweeps show their shape at once. */
export function readChoice(parameters: URLSearchParams, sweep: Sweep): Choice {
  const possible = axes(sweep);
  const numeric = possible.filter((column) => column.numeric);
  const has = (name: string | null): name is string => name !== null && sweep.columns.some((column) => column.name === name);
  const given = (name: string) => parameters.get(name);
  const x = has(given("x")) ? (given("x") as string) : ((numeric[0] ?? possible[0])?.name ?? "");
  // A diagram over two that go one to one would have a diagonal alone.
  const first = (name: string) => sweep.columns.find((column) => column.name === name)?.with ?? name;
  const y = given("y") === "" ? "" : has(given("y")) ? (given("y") as string) : (numeric.find((column) => first(column.name) !== first(x))?.name ?? "");
  const panels = possible.find((column) => column.choice && (column.distinct ?? 0) > 1 && column.name !== x && column.name !== y);
  const facet = given("facet") === "" ? "" : has(given("facet")) ? (given("facet") as string) : panels?.name ?? "";
  const results = sweep.columns.filter((column) => column.kind === "result" && column.numeric);
  const ranked = results.filter((column) => column.rank).sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  const result = (ranked[0] ?? results[0])?.name ?? "";
  const value = given("value");
  const stat = given("stat");
  return {
    x, y: y === x ? "" : y, facet: facet === x || facet === y ? "" : facet,
    value: value && value.split("/").every(has) ? value : result,
    stat: stats.some(([name]) => name === stat) ? (stat as string) : "mean",
    xLog: given("xlog") === "1", yLog: given("ylog") === "1", colourLog: given("clog") === "1",
    where: parameters.getAll("where"),
    cell: parameters.getAll("cell"),
    group: Math.max(0, Math.trunc(Number(given("group") ?? 0)) || 0),
    seeds: given("seeds") === "1", stepLog: given("steplog") === "1", lossLinear: given("losslin") === "1",
  };
}

/** Writes a choice. */
export function writeChoice(dir: string, choice: Choice): URLSearchParams {
  const parameters = new URLSearchParams();
  const flag = (name: string, on: boolean) => { if (on) parameters.set(name, "1"); };
  if (dir) parameters.set("dir", dir);
  parameters.set("x", choice.x);
  parameters.set("y", choice.y);
  parameters.set("value", choice.value);
  if (choice.stat !== "mean") parameters.set("stat", choice.stat);
  parameters.set("facet", choice.facet);
  flag("xlog", choice.xLog);
  flag("ylog", choice.yLog);
  flag("clog", choice.colourLog);
  for (const condition of choice.where) parameters.append("where", condition);
  for (const condition of choice.cell) parameters.append("cell", condition);
  if (choice.group > 0) parameters.set("group", String(choice.group));
  flag("seeds", choice.seeds);
  flag("steplog", choice.stepLog);
  flag("losslin", choice.lossLinear);
  return parameters;
}

/** What a value is called: its column, or a ratio of two. */
export function valueName(sweep: Sweep, value: string): string {
  const [over = "", under] = value.split("/");
  const label = (name: string) => sweep.columns.find((column) => column.name === name)?.label ?? name;
  if (under === undefined) return label(over);
  return overTheory(sweep, value) ? `${label(over)}, measured ÷ theory` : `${label(over)} ÷ ${label(under)}`;
}

/** Whether a value is one column over theory's. */
export function overTheory(sweep: Sweep, value: string): boolean {
  const [over, under] = value.split("/");
  return under !== undefined && sweep.columns.some((column) => column.name === over && column.prediction === under);
}

/** What a cell's number is called. */
export function cellName(sweep: Sweep, choice: Choice): string {
  if (choice.stat === "count") return `copies with ${valueName(sweep, choice.value)}`;
  if (choice.stat === "diverged") return "share of copies that diverged";
  const stat = stats.find(([name]) => name === choice.stat)?.[1] ?? choice.stat;
  return `${valueName(sweep, choice.value)}, ${stat}`;
}

/** Changes a choice. A parameter that is wanted in two places leaves the old one to what stood in the new. */
export function changed(choice: Choice, change: Partial<Choice>): Choice {
  const next = { ...choice, ...change };
  if (change.x !== undefined && change.x === choice.y) return { ...next, y: choice.x, yLog: choice.xLog };
  if (change.y !== undefined && change.y === choice.x) return { ...next, x: choice.y || choice.x, xLog: choice.yLog, y: choice.y ? choice.x : "" };
  if (next.facet === next.x || next.facet === next.y) {
    const left = change.x !== undefined ? choice.x : choice.y;
    return { ...next, facet: change.facet === undefined ? left : choice.facet };
  }
  return next;
}
