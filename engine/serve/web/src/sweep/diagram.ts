import { diagram as ask, message, type Query } from "../api/client";
import type { Diagram, Sweep } from "../api/types";
import { Card } from "../chart/card";
import { cellConditions, cellsOf, length, placeConditions, placeName } from "../chart/cells";
import { Cursor } from "../chart/cursor";
import { CurvesDrawing, type Band, type Line } from "../chart/curves";
import { HeatmapDrawing, type Spot } from "../chart/heatmap";
import { Latest } from "../page/latest";
import { element, fill } from "../page/dom";
import { whole } from "../page/number";
import { cellName, type Choice, overTheory, valueName } from "./choice";

/** The phase diagram of a sweep, or curves over one parameter. */
export class DiagramPanel {
  readonly element: HTMLElement;
  private readonly card = new Card("Phase diagram");
  private readonly note = element("p", { class: "soft note" });
  private readonly files = element("div", {});
  private readonly cursor: Cursor;
  private readonly latest = new Latest();
  private readonly dir: string;
  private readonly picked: (conditions: string[]) => void;
  private diagram: Diagram | undefined;
  private curves: CurvesDrawing | undefined;
  private clicked: ((event: { offsetX: number; offsetY: number }) => void) | undefined;

  constructor(dir: string, picked: (conditions: string[]) => void) {
    this.dir = dir;
    this.picked = picked;
    this.cursor = new Cursor(this.card, (spot) => this.pick(spot));
    const drawn = this.card.drawn;
    this.card.drawn = (chart) => {
      drawn?.(chart);
      if (this.clicked) chart.getZr().off("click", this.clicked);
      this.clicked = undefined;
      const curves = this.curves;
      if (!curves) return;
      this.clicked = (event) => {
        const place = curves.nearest(chart, [event.offsetX, event.offsetY]);
        if (place !== undefined) this.pickPlace(place);
      };
      chart.getZr().on("click", this.clicked);
    };
    this.element = element("div", { class: "diagram" }, this.card.element, element("div", { class: "under" }, this.note, this.files));
  }

  /** Asks for what a choice shows and draws it. */
  show(choice: Choice, sweep: Sweep): void {
    if (sweep.rows === 0) {
      this.card.title = "Phase diagram";
      this.latest.stop();
      this.card.empty(sweep.status.state === "running" ? "No results have been written yet. The diagram appears with the first, which a sweep writes within a minute." : "The table has no rows.");
      fill(this.note);
      fill(this.files);
      return;
    }
    this.card.title = choice.y ? "Phase diagram" : "Curves";
    this.card.wait();
    const predicted = !choice.value.includes("/") && ["mean", "median", "min", "max"].includes(choice.stat) &&
      sweep.columns.some((column) => column.name === choice.value && column.prediction);
    const query: Query = {
      dir: this.dir, x: choice.x, y: choice.y, value: choice.value, stat: choice.stat, facet: choice.facet, where: choice.where,
      x_log: choice.xLog ? true : undefined, y_log: choice.yLog ? true : undefined,
      ...binsOf(choice, sweep),
      theory: predicted ? true : undefined,
    };
    void this.latest.ask((signal) => ask(query, signal), (answer) => this.draw(answer, choice, sweep),
      (error) => this.card.fail(message(error), () => this.show(choice, sweep)));
  }

  /** Marks the cell whose trajectories are shown. */
  choose(conditions: readonly string[]): void {
    this.cursor.choose(this.find(conditions));
  }

  /** Shows where the rows behind the diagram can be had. */
  offer(files: HTMLElement): void {
    fill(this.files, files);
  }

  close(): void {
    this.latest.stop();
    this.card.close();
  }

  private draw(diagram: Diagram, choice: Choice, sweep: Sweep): void {
    this.diagram = diagram;
    const cells = diagram.facets.reduce((sum, facet) => sum + facet.cells.length, 0);
    const left = diagram.left_out > 0 ? ` ${whole(diagram.left_out)} have no place on the axes.` : "";
    fill(this.note, `${whole(diagram.matched)} of ${whole(diagram.rows)} copies in ${whole(cells)} ${cells === 1 ? "cell" : "cells"}.${left} ${choice.y ? "Click a cell" : "Click a place"} for its trajectories.`);
    if (cells === 0) {
      this.cursor.release();
      this.card.empty(choice.where.length > 0 ? "No copy meets all the filters." : "No copy has a place on these axes.");
      fill(this.note);
      return;
    }
    const file = [sweep.status.name || "sweep", choice.value.replace("/", "-over-"), "by", choice.x, choice.y].filter(Boolean).join("-").replace(/[^\w-]+/g, "-");
    if (diagram.y) {
      this.curves = undefined;
      const drawing = new HeatmapDrawing({
        file, diagram, valueLabel: cellName(sweep, choice), logColour: choice.colourLog,
        ratio: overTheory(sweep, choice.value) && ["mean", "median", "min", "max"].includes(choice.stat),
        xLog: choice.xLog, yLog: choice.yLog, pick: (spot) => this.pick(spot),
      });
      this.cursor.use(drawing, this.find(choice.cell));
      this.card.draw(drawing);
      return;
    }
    this.cursor.release();
    this.curves = curvesOf(file, diagram, choice, sweep, (i) => this.pickPlace(i));
    this.card.draw(this.curves);
  }

  private find(conditions: readonly string[]): Spot | undefined {
    const { diagram } = this;
    if (!diagram || !diagram.y || conditions.length === 0) return undefined;
    const wanted = [...conditions].sort().join("\n");
    return cellsOf(diagram).flat().find((cell) => cellConditions(diagram, cell).sort().join("\n") === wanted);
  }

  private pick(spot: Spot): void {
    if (this.diagram) this.picked(cellConditions(this.diagram, spot));
  }

  private pickPlace(i: number): void {
    if (this.diagram) this.picked(placeConditions(this.diagram.x, i));
  }
}

/** An axis with more values than this is cut into bins, at most so many. */
const places = 64;
const mostBins = 32;

/** How many bins to ask for: so many that a few settings fall into each cell, by the sweep's plan rather than by what has come of it, lest cells move while it runs. */
function binsOf(choice: Choice, sweep: Sweep): { x_bins?: number; y_bins?: number } {
  const column = (name: string) => sweep.columns.find((one) => one.name === name);
  const distinct = (name: string) => (name ? (column(name)?.distinct ?? 1) : 1);
  const binned = [choice.x, choice.y].filter((name) => name && column(name)?.numeric && distinct(name) > places);
  if (binned.length === 0) return {};
  const fixed = [choice.x, choice.y, choice.facet].filter((name) => !binned.includes(name)).reduce((product, name) => product * distinct(name), 1);
  const settings = sweep.status.copies / distinct("seed") / fixed;
  const bins = Math.round(Math.min(mostBins, Math.max(4, (settings / 3) ** (1 / binned.length))));
  return { ...(binned.includes(choice.x) ? { x_bins: bins } : {}), ...(binned.includes(choice.y) ? { y_bins: bins } : {}) };
}

function curvesOf(file: string, diagram: Diagram, choice: Choice, sweep: Sweep, pick: (i: number) => void): CurvesDrawing {
  const n = length(diagram.x);
  const numbers = diagram.x.values ?? null;
  const named = numbers !== null && !numbers.every((value) => typeof value === "number");
  const middle = (i: number) => {
    const [low = 0, high = 0] = [diagram.x.edges?.[i], diagram.x.edges?.[i + 1]];
    return choice.xLog && low > 0 ? Math.sqrt(low * high) : (low + high) / 2;
  };
  const x = Array.from({ length: n }, (_, i) => (named ? i : numbers ? (numbers[i] as number) : middle(i)));
  const lines: Line[] = [];
  const bands: Band[] = [];
  cellsOf(diagram).forEach((cells, k) => {
    const column = (field: "value" | "low" | "high" | "theory") => {
      const values: (number | null)[] = Array<number | null>(n).fill(null);
      for (const cell of cells) values[cell.x] = cell[field];
      return values;
    };
    const name = diagram.facet ? `${diagram.facet.choice ? "" : `${diagram.facet.label} `}${diagram.facets[k]?.value ?? ""}` : valueName(sweep, choice.value);
    lines.push({ name, hue: k, style: "solid", y: column("value") });
    const theory = column("theory");
    if (theory.some((value) => value !== null)) lines.push({ name, hue: k, style: "dashed", y: theory });
    if (["mean", "median"].includes(choice.stat)) bands.push({ hue: k, low: column("low"), high: column("high") });
  });
  const theory = lines.some((line) => line.style === "dashed");
  return new CurvesDrawing({
    file, title: `${cellName(sweep, choice)} over ${diagram.x.label}`,
    panels: [{
      title: "", x, xLabel: diagram.x.label, yLabel: cellName(sweep, choice), lines, bands, xLog: choice.xLog && (x[0] ?? 0) > 0, yLog: choice.colourLog,
      ...(named ? { xNames: x.map((i) => placeName(diagram.x, i)) } : {}),
    }],
    key: [
      { style: "solid", label: "simulation" }, ...(theory ? [{ style: "dashed" as const, label: "theory" }] : []),
      ...(bands.length > 0 ? [{ style: "band" as const, label: "5 % to 95 % of the copies" }] : []),
    ],
    panelHeight: 300, columns: 1, pick,
  });
}
