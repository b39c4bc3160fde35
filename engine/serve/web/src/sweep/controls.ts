import type { Column, Sweep } from "../api/types";
import { Select, Tick, type Option } from "../page/controls";
import { element } from "../page/dom";
import { axes, stats, type Choice } from "./choice";
import { Filters } from "./filters";

/** Chooses what a phase diagram shows. */
export class Controls {
  readonly element: HTMLElement;
  private readonly x: Select;
  private readonly y: Select;
  private readonly value: Select;
  private readonly stat: Select;
  private readonly facet: Select;
  private readonly xLog: Tick;
  private readonly yLog: Tick;
  private readonly colourLog: Tick;
  private readonly filters: Filters;

  constructor(changed: (change: Partial<Choice>) => void) {
    // Another axis has other cells, so the old one's trajectories go.
    this.x = new Select("Across", (x) => changed({ x, cell: [], xLog: false }));
    this.y = new Select("Up", (y) => changed({ y, cell: [], yLog: false }));
    this.value = new Select("Colour", (value) => changed({ value }));
    this.stat = new Select("Of a cell’s copies", (stat) => changed({ stat }));
    this.facet = new Select("A panel for each", (facet) => changed({ facet, cell: [] }));
    this.xLog = new Tick("log across", (xLog) => changed({ xLog, cell: [] }));
    this.yLog = new Tick("log up", (yLog) => changed({ yLog, cell: [] }));
    this.colourLog = new Tick("log colour", (colourLog) => changed({ colourLog }));
    this.filters = new Filters((where) => changed({ where, cell: [] }));
    this.element = element("div", { class: "controls", role: "group", "aria-label": "What the diagram shows" },
      element("div", { class: "control-row" }, this.x.element, this.y.element, this.value.element, this.stat.element, this.facet.element,
        element("div", { class: "ticks" }, this.xLog.element, this.yLog.element, this.colourLog.element)),
      this.filters.element);
  }

  /** Shows a choice. */
  set(choice: Choice, sweep: Sweep): void {
    const parameters = axes(sweep);
    const options = (columns: readonly Column[]): Option[] => columns.map((column) => ({ value: column.name, label: column.label }));
    this.x.set(options(parameters), choice.x);
    this.y.set([{ value: "", label: "nothing: curves" }, ...options(parameters)], choice.y);
    this.facet.set([{ value: "", label: "nothing: one panel" }, ...options(parameters.filter((column) => column.name !== choice.x && column.name !== choice.y && (column.distinct ?? 99) <= 24))], choice.facet);
    this.value.set(values(sweep, choice.value), choice.value);
    this.stat.set(stats.map(([value, label]) => ({ value, label })), choice.stat);
    this.xLog.set(choice.xLog, spread(sweep, choice.x));
    this.yLog.set(choice.yLog, spread(sweep, choice.y));
    this.colourLog.set(choice.colourLog);
    this.filters.set(choice.where, sweep);
  }
}

/** Whether a parameter has more values than places, so that they are put in bins, which may be even in the logarithm. */
function spread(sweep: Sweep, name: string): boolean {
  const column = sweep.columns.find((one) => one.name === name);
  return column !== undefined && column.numeric && (column.distinct ?? 0) > 64 && (column.max ?? 0) > 0;
}

function values(sweep: Sweep, chosen: string): Option[] {
  const numeric = sweep.columns.filter((column) => column.numeric);
  const results = numeric.filter((column) => column.kind === "result");
  const all: Option[] = [
    ...results.map((column) => ({ value: column.name, label: column.label, group: "Measured" })),
    ...results.filter((column) => column.prediction).map((column) => ({ value: `${column.name}/${column.prediction}`, label: `${column.label} ÷ theory`, group: "Measured ÷ theory" })),
    ...numeric.filter((column) => column.kind === "prediction").map((column) => ({ value: column.name, label: column.label, group: "Theory" })),
  ];
  return all.some((option) => option.value === chosen) ? all : [{ value: chosen, label: chosen.replace("/", " ÷ ") }, ...all];
}
