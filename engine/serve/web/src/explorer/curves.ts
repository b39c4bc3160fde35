import type { Curves, Theory } from "../api/types";
import type { CurvesFigure, Line, Panel, Values } from "../chart/curves";
import { modes, quadrants, type Quantity } from "../chart/words";
import type { Point } from "./player";

interface Plot {
  readonly title: string;
  readonly yLabel: string;
  readonly quantities: readonly Quantity[];
  readonly of: (value: number) => number;
}

const root = (value: number) => Math.sqrt(Math.max(0, value));
const same = (value: number) => value;

const plots: readonly Plot[] = [
  { title: "Mode strengths", yLabel: "strength", quantities: modes, of: same },
  { title: "Quadrants of the learned map", yLabel: "Frobenius norm", quantities: quadrants, of: root },
  {
    title: "Training loss", yLabel: "loss", of: same,
    quantities: [
      { column: "train_loss_omega", label: "Ωy", hue: 0 },
      { column: "train_loss_gamma", label: "Γy", hue: 1 },
      { column: "train_loss", label: "both", hue: 6 },
    ],
  },
];

/** A line that grows while the network trains. */
export interface LiveLine {
  readonly id: string;
  readonly panel: number;
  readonly column: string;
  readonly of: (value: number) => number;
}

/** Theory's curves with room for a run over them; `run` are the points recorded so far, of which `shown` are drawn. */
export function curvesOf(theory: Theory, run: readonly Point[], shown: number, continuous: boolean): { figure: CurvesFigure; live: LiveLine[] } {
  const live: LiveLine[] = [];
  const curves = theory.discrete;
  const panels = plots.map((plot, k): Panel => {
    const lines: Line[] = [];
    let predicted = 0;
    const see = (values: Values) => { for (const v of values) if (v !== null && Number.isFinite(v)) predicted = Math.max(predicted, v); };
    const told = plot.quantities.filter((quantity) => exists(quantity.column, theory, run));
    for (const { column, label: name, hue } of told) {
      const id = `live-${column}`;
      live.push({ id, panel: k, column, of: plot.of });
      lines.push({ id, name, hue, style: "solid", y: measured(theory.steps, run, shown, column, plot.of) });
      const add = (source: Curves | null, style: "dashed" | "dotted") => {
        const values = source?.[column]?.map((v) => (v === null ? null : plot.of(v)));
        if (!values) return;
        see(values);
        lines.push({ name, hue, style, y: values });
      };
      add(curves, "dashed");
      if (continuous) add(theory.continuous, "dotted");
      const end = theory.end[column];
      if (!curves && end !== null && end !== undefined) {
        const level = theory.steps.map(() => plot.of(end));
        see(level);
        lines.push({ name, hue, style: "dotted", y: level });
      }
    }
    return { title: plot.title, x: theory.steps, xLabel: "step", yLabel: plot.yLabel, lines, bands: [], xLog: false, yLog: false, yMax: reach(predicted, run, told, plot.of) };
  });
  return {
    live,
    figure: {
      file: "modspec-explorer", title: "Mode strengths, quadrants and loss over training", panels, panelHeight: 172,
      key: [
        { style: "solid", label: "simulation" },
        ...(curves ? [{ style: "dashed" as const, label: "theory, step by step" }] : []),
        ...(continuous && theory.continuous ? [{ style: "dotted" as const, label: "the paper’s closed form, continuous time" }] : []),
        ...(curves ? [] : [{ style: "dotted" as const, label: "where theory says learning ends" }]),
      ],
    },
  };
}

/** A quantity of the points that are shown, at theory's steps. */
export function measured(steps: readonly number[], run: readonly Point[], shown: number, column: string, of: (value: number) => number): (number | null)[] {
  return steps.map((_, i) => {
    const value = i < shown ? run[i]?.values[column] : null;
    return value === null || value === undefined ? null : of(value);
  });
}

function exists(column: string, theory: Theory, run: readonly Point[]): boolean {
  const there = (value: number | null | undefined) => value !== null && value !== undefined;
  return Boolean(theory.discrete?.[column]?.some(there)) || there(theory.end[column]) || run.some((point) => there(point.values[column]));
}

/** How far up an axis reaches: to theory, and to a run that goes past it unless it diverges. */
function reach(predicted: number, run: readonly Point[], quantities: readonly Quantity[], of: (value: number) => number): number {
  let highest = 0;
  for (const point of run) {
    for (const { column } of quantities) {
      const value = point.values[column];
      if (value !== null && value !== undefined && Number.isFinite(value)) highest = Math.max(highest, of(value));
    }
  }
  return predicted > 0 ? Math.min(Math.max(predicted, highest), 2 * predicted) : Math.min(highest || 1, 1e6);
}
