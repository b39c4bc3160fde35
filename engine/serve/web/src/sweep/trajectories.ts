import { address, message, Refusal, trajectories as ask } from "../api/client";
import type { Group, Quantity, Sweep, Trajectories } from "../api/types";
import { Card } from "../chart/card";
import { CurvesDrawing, type Band, type Line, type Panel, type Values } from "../chart/curves";
import { Select, Tick } from "../page/controls";
import { element, fill } from "../page/dom";
import { Latest } from "../page/latest";
import { number, numbers, whole } from "../page/number";
import { sayCondition } from "./condition";
import type { Choice } from "./choice";

/** The trajectories behind a cell: what was measured, seeds as a band, theory dashed over it where there is one. */
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
    this.lossLinear = new Tick("linear scales", (lossLinear) => changed({ lossLinear }));
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
      const predicted = sweep.quantities.some((quantity) => quantity.of || quantity.prediction);
      this.card.empty(sweep.trajectories ? `Pick a place in the diagram: what was recorded of it over training appears here${predicted ? ", theory dashed over it" : ""}.` : "This sweep recorded only the ends of training, so there are no trajectories.");
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
    const labels = namesOf(answer, sweep);
    this.group.element.hidden = answer.groups.length < 2;
    this.group.set(answer.groups.map((_, i) => ({ value: String(i), label: labels[i] ?? "" })), String(answer.groups.indexOf(group as Group)));
    if (!group) {
      fill(this.about);
      this.card.empty("No copy of this cell is done.");
      return;
    }
    this.card.title = `Trajectories: ${choice.cell.map((condition) => sayCondition(condition, sweep)).join(", ")}`;
    fill(this.about, ...this.words(answer, group, sweep));
    const panels = panelsOf(group, choice, sweep.quantities);
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
        element("dl", { class: "parameters" }, ...Object.entries(group.parameters).filter(([, value]) => value !== null && value !== "").map(([name, value]) => {
          const column = sweep.columns.find((one) => one.name === name);
          return element("div", {}, element("dt", column?.doc ? { title: column.doc } : {}, column?.label ?? name), element("dd", {}, typeof value === "number" ? number(value, 6) : String(value)));
        }))),
    ];
  }
}

/** The rows behind a view, as files. */
export function downloads(dir: string, where: readonly string[]): HTMLElement {
  const link = (format: string, name: string) => element("a", { href: address("sweep/download", { dir, where, format }), download: true }, name);
  return element("p", { class: "soft downloads-row" }, "Their rows: ", link("csv", "CSV"), link("parquet", "Parquet"));
}

/** What the settings of a cell are called. */
function namesOf(answer: Trajectories, sweep: Sweep): string[] {
  if (answer.varies.length === 0) return answer.groups.map(() => "all copies");
  const parts = answer.varies.map((name) => {
    const column = sweep.columns.find((one) => one.name === name);
    const values = answer.groups.map((group) => group.parameters[name]);
    const labels = numbers(values.map((value) => (typeof value === "number" ? value : NaN)), 4);
    return values.map((value, i) => `${column?.choice ? "" : `${column?.label ?? name} `}${typeof value === "number" ? labels[i] : String(value)}`);
  });
  return answer.groups.map((_, i) => parts.map((part) => part[i]).join(", "));
}

/** At most so many panels are drawn. */
const mostPanels = 12;

function panelsOf(group: Group, choice: Choice, quantities: readonly Quantity[]): Panel[] {
  const panels = new Map<string, Quantity[]>();
  for (const quantity of quantities) {
    if (quantity.of || !group.band[quantity.name]) continue;
    const title = quantity.panel || quantity.label;
    panels.set(title, [...(panels.get(title) ?? []), quantity]);
  }
  return [...panels].slice(0, mostPanels).map(([title, all]) => panelOf(title, all, group, choice));
}

/** A panel of the quantities that share it. Its scale is that of the first. */
function panelOf(title: string, all: readonly Quantity[], group: Group, choice: Choice): Panel {
  const scale = all[0]?.scale ?? "";
  const of = (values: Values): Values => (scale === "root" ? values.map((value) => (value === null ? null : Math.sqrt(Math.max(0, value)))) : values);
  const lines: Line[] = [];
  const bands: Band[] = [];
  all.forEach((quantity, hue) => {
    const band = group.band[quantity.name];
    if (!band) return;
    const name = scale === "root" ? quantity.label.replace(/²$/, "") : quantity.label;
    if (group.read > 1) bands.push({ hue, low: of(band.low), high: of(band.high) });
    if (choice.seeds) for (const line of group.lines) {
      const values = line.values[quantity.name];
      if (values) lines.push({ name, hue, style: "thin", y: of(values) });
    }
    lines.push({ name, hue, style: "solid", y: of(band.median) });
    const theory = group.theory.median?.[quantity.name] ?? (quantity.prediction ? group.band[quantity.prediction]?.median : undefined);
    const end = group.theory.end?.[quantity.name];
    if (theory) lines.push({ name, hue, style: "dashed", y: of(theory) });
    else if (group.theory.kind === "asymptote" && end !== null && end !== undefined) lines.push({ name, hue, style: "dotted", y: of(group.steps.map(() => end)) });
  });
  const yLabel = all.length === 1 ? (lines[0]?.name ?? "") : title.toLowerCase();
  return { title, x: group.steps, xLabel: "step", yLabel, lines, bands, xLog: choice.stepLog, yLog: scale === "log" && !choice.lossLinear };
}
