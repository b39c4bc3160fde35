import { address, message, Refusal, trajectories as ask } from "../api/client";
import type { Group, Sweep, Trajectories } from "../api/types";
import { Card } from "../chart/card";
import { CurvesDrawing, type Band, type Line, type Panel, type Values } from "../chart/curves";
import { losses, modes, quadrants, type Quantity } from "../chart/words";
import { Select, Tick } from "../page/controls";
import { element, fill } from "../page/dom";
import { Latest } from "../page/latest";
import { number, whole } from "../page/number";
import { sayCondition } from "./condition";
import type { Choice } from "./choice";

/** The trajectories behind a cell: what was measured, seeds as a band, theory dashed over it. */
export class TrajectoriesPanel {
  readonly element: HTMLElement;
  private readonly card = new Card("Trajectories");
  private readonly about = element("div", { class: "about" });
  private readonly group: Select;
  private readonly seeds: Tick;
  private readonly stepLog: Tick;
  private readonly lossLinear: Tick;
  private readonly latest = new Latest();
  private readonly dir: string;
  private answer: Trajectories | undefined;
  private asked = "";
  private choice: Choice | undefined;
  private sweep: Sweep | undefined;

  constructor(dir: string, changed: (change: Partial<Choice>) => void) {
    this.dir = dir;
    this.group = new Select("Setting", (value) => changed({ group: Number(value) }));
    this.seeds = new Tick("single seeds", (seeds) => changed({ seeds }));
    this.stepLog = new Tick("log steps", (stepLog) => changed({ stepLog }));
    this.lossLinear = new Tick("linear loss", (lossLinear) => changed({ lossLinear }));
    fill(this.card.tools, this.group.element, element("div", { class: "ticks" }, this.seeds.element, this.stepLog.element, this.lossLinear.element));
    this.element = element("div", { class: "trajectories", tabindex: "-1" }, this.card.element, this.about);
  }

  /** Shows the trajectories behind the cell of a choice. */
  show(choice: Choice, sweep: Sweep): void {
    this.choice = choice;
    this.sweep = sweep;
    this.seeds.set(choice.seeds);
    this.stepLog.set(choice.stepLog);
    this.lossLinear.set(choice.lossLinear);
    if (choice.cell.length === 0) {
      this.asked = "";
      this.latest.stop();
      this.answer = undefined;
      this.group.element.hidden = true;
      this.card.title = "Trajectories";
      fill(this.about);
      this.card.empty(sweep.trajectories ? "Pick a place in the diagram: its loss, quadrants and mode strengths over training appear here, theory dashed over them." : "This sweep recorded only the ends of training, so there are no trajectories.");
      return;
    }
    const where = [...choice.where, ...choice.cell];
    const question = JSON.stringify([where, sweep.version]);
    if (question === this.asked && this.answer) {
      this.draw(this.answer);
      return;
    }
    this.asked = question;
    this.card.wait();
    void this.latest.ask((signal) => ask({ dir: this.dir, where, groups: 12, lines: 8, steps: 256 }, signal),
      (answer) => { this.answer = answer; this.draw(answer); },
      (error) => {
        this.asked = "";
        this.answer = undefined;
        this.group.element.hidden = true;
        fill(this.about);
        if (error instanceof Refusal && error.status === 422) this.card.empty(error.message);
        else this.card.fail(message(error), () => this.choice && this.sweep && this.show(this.choice, this.sweep));
      });
  }

  close(): void {
    this.latest.stop();
    this.card.close();
  }

  private draw(answer: Trajectories): void {
    const { choice, sweep } = this;
    if (!choice || !sweep) return;
    const group = answer.groups[Math.min(choice.group, answer.groups.length - 1)];
    this.group.element.hidden = answer.groups.length < 2;
    this.group.set(answer.groups.map((one, i) => ({ value: String(i), label: nameOf(one, answer, sweep) })), String(answer.groups.indexOf(group as Group)));
    if (!group) {
      fill(this.about);
      this.card.empty("No copy of this cell is done.");
      return;
    }
    this.card.title = `Trajectories: ${choice.cell.map((condition) => sayCondition(condition, sweep)).join(", ")}`;
    fill(this.about, ...this.words(answer, group, sweep));
    const panels = panelsOf(group, choice);
    if (panels.length === 0) {
      this.card.empty(group.diverged === group.copies ? "All copies of this cell diverged before anything was recorded." : "Nothing was recorded of these copies.");
      return;
    }
    const theory = panels.some((panel) => panel.lines.some((line) => line.style === "dashed"));
    const asymptotes = panels.some((panel) => panel.lines.some((line) => line.style === "dotted"));
    const bands = panels.some((panel) => panel.bands.length > 0);
    this.card.draw(new CurvesDrawing({
      file: `${sweep.status.name || "sweep"}-trajectories`.replace(/[^\w-]+/g, "-"),
      title: `Trajectories, ${choice.cell.map((condition) => sayCondition(condition, sweep)).join(", ")}`,
      panels,
      key: [
        { style: "solid", label: bands ? "simulation, median of seeds" : "simulation" },
        ...(theory ? [{ style: "dashed" as const, label: "theory" }] : []),
        ...(asymptotes ? [{ style: "dotted" as const, label: "where theory says learning ends" }] : []),
        ...(bands ? [{ style: "band" as const, label: "10 % to 90 % of seeds" }] : []),
        ...(choice.seeds ? [{ style: "thin" as const, label: "single seeds" }] : []),
      ],
    }));
  }

  private words(answer: Trajectories, group: Group, sweep: Sweep): (Node | string)[] {
    const parts = [`${whole(group.copies)} ${group.copies === 1 ? "copy" : "copies"} of this setting`];
    if (group.read < group.copies) parts.push(`, ${whole(group.read)} of them read`);
    if (group.diverged > 0) parts.push(`, ${whole(group.diverged)} diverged`);
    parts.push(".");
    if (answer.matched_groups > answer.groups.length) parts.push(` The cell holds ${whole(answer.matched_groups)} settings; the first ${answer.groups.length} can be chosen here, filters show others.`);
    const download = (table: string, format: string) => {
      const url = new URL(group.rows.replace(/^\//, "./"), document.baseURI);
      if (table !== "runs") url.searchParams.set("table", table);
      url.searchParams.set("format", format);
      return element("a", { href: url.href, download: true }, format === "csv" ? "CSV" : "Parquet");
    };
    return [
      element("p", { class: "soft" }, parts.join("")),
      group.theory.note ? element("p", { class: "soft" }, `Theory: ${group.theory.note}`) : "",
      element("p", { class: "soft downloads-row" }, "Trajectories of this setting: ", download("trajectories", "csv"), download("trajectories", "parquet"), " · its runs: ", download("runs", "csv"), download("runs", "parquet")),
      element("details", { class: "fold" }, element("summary", {}, "All parameters of this setting"),
        element("dl", { class: "parameters" }, ...Object.entries(group.parameters).filter(([, value]) => value !== null && value !== "").map(([name, value]) =>
          element("div", {}, element("dt", {}, sweep.columns.find((column) => column.name === name)?.label ?? name), element("dd", {}, typeof value === "number" ? number(value, 6) : String(value)))))),
    ];
  }
}

/** The rows behind a view, as files. */
export function downloads(dir: string, where: readonly string[]): HTMLElement {
  const link = (format: string, name: string) => element("a", { href: address("sweep/download", { dir, where, format }), download: true }, name);
  return element("p", { class: "soft downloads-row" }, "Their rows: ", link("csv", "CSV"), link("parquet", "Parquet"));
}

function nameOf(group: Group, answer: Trajectories, sweep: Sweep): string {
  if (answer.varies.length === 0) return "all copies";
  return answer.varies.map((name) => {
    const value = group.parameters[name];
    const label = sweep.columns.find((column) => column.name === name)?.label ?? name;
    return `${name === "arch" ? "" : `${label} `}${typeof value === "number" ? number(value, 4) : String(value)}`;
  }).join(", ");
}

function panelsOf(group: Group, choice: Choice): Panel[] {
  const root = (values: Values): Values => values.map((value) => (value === null ? null : Math.sqrt(Math.max(0, value))));
  const same = (values: Values): Values => values;
  const panel = (title: string, yLabel: string, all: readonly Quantity[], yLog: boolean, of: (values: Values) => Values): Panel | undefined => {
    const lines: Line[] = [];
    const bands: Band[] = [];
    for (const quantity of all) {
      const band = group.band[quantity.column];
      if (!band) continue;
      const { hue, label: name } = quantity;
      if (group.read > 1) bands.push({ hue, low: of(band.low), high: of(band.high) });
      if (choice.seeds) for (const line of group.lines) {
        const values = line.values[quantity.column];
        if (values) lines.push({ name, hue, style: "thin", y: of(values) });
      }
      lines.push({ name, hue, style: "solid", y: of(band.median) });
      const theory = group.theory.median?.[quantity.column];
      const end = group.theory.end?.[quantity.column];
      if (theory) lines.push({ name, hue, style: "dashed", y: of(theory) });
      else if (group.theory.kind === "asymptote" && end !== null && end !== undefined) lines.push({ name, hue, style: "dotted", y: of(group.steps.map(() => end)) });
    }
    return lines.length === 0 ? undefined : { title, x: group.steps, xLabel: "step", yLabel, lines, bands, xLog: choice.stepLog, yLog };
  };
  const split = losses.some((quantity) => quantity.column.startsWith("test") && group.band[quantity.column]);
  // The training loss is the sum of its blocks' losses; beside test losses all six would be too many.
  const shown = split ? losses.filter((quantity) => !/_(omega|gamma)$/.test(quantity.column)) : losses;
  return [
    panel("Loss", "loss", shown, !choice.lossLinear, same),
    panel("Quadrants of the learned map", "Frobenius norm", quadrants, false, root),
    panel("Mode strengths", "strength", modes, false, same),
  ].filter((one): one is Panel => one !== undefined);
}
