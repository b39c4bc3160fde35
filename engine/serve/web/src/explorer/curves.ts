import type { Curves, Theory } from "../api/types";
import type { CurvesFigure, Line, Panel } from "../chart/curves";
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
    const told = plot.quantities.filter((quantity) => exists(quantity.column, theory, run));
    for (const { column, label: name, hue } of told) {
      const id = `live-${column}`;
      live.push({ id, panel: k, column, of: plot.of });
      lines.push({ id, name, hue, style: "solid", y: measured(theory.steps, run, shown, column, plot.of) });
      const add = (source: Curves | null, style: "dashed" | "dotted") => {
        const values = source?.[column]?.map((v) => (v === null ? null : plot.of(v)));
        if (!values) return;
        lines.push({ name, hue, style, y: values });
      };
      add(curves, "dashed");
      if (continuous) add(theory.continuous, "dotted");
      const end = theory.end[column];
      if (!curves && end !== null && end !== undefined) {
        const level = theory.steps.map(() => plot.of(end));
        lines.push({ name, hue, style: "dotted", y: level });
      }
    }
    return { title: plot.title, x: theory.steps, xLabel: "step", yLabel: plot.yLabel, lines, bands: [], xLog: false, yLog: false, yCap: cap(theory, run, told, plot.of) };
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

/** How far up an axis may reach: past what is learned and past where the run starts, but not after a run that diverges. */
function cap(theory: Theory, run: readonly Point[], quantities: readonly Quantity[], of: (value: number) => number): number {
  let highest = 0;
  const see = (value: number | null | undefined) => {
    if (value !== null && value !== undefined && Number.isFinite(value)) highest = Math.max(highest, of(value));
  };
  for (const { column } of quantities) {
    see(theory.end[column]);
    see(theory.discrete?.[column]?.[0]);
    see(run[0]?.values[column]);
  }
  return highest > 0 ? 3 * highest : 1;
}
