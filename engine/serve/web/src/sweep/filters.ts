import type { Sweep } from "../api/types";
import { element, fill, unique } from "../page/dom";
import { comparisons, sayCondition } from "./condition";

/** The conditions on what is shown: each with a button that takes it away, and a form for one more. */
export class Filters {
  readonly element: HTMLElement;
  private readonly chips = element("ul", { class: "chips", "aria-label": "Filters" });
  private readonly column = element("select", { "aria-label": "Filter: column" });
  private readonly comparison = element("select", { "aria-label": "Filter: comparison" }, ...comparisons.map(([value, label]) => element("option", { value }, label)));
  private readonly value: HTMLInputElement;
  private readonly values = element("datalist", { id: unique("values") });
  private readonly changed: (where: string[]) => void;
  private where: readonly string[] = [];
  private sweep: Sweep | undefined;

  constructor(changed: (where: string[]) => void) {
    this.changed = changed;
    this.value = element("input", { type: "text", "aria-label": "Filter: value", list: this.values.id, size: "8", autocomplete: "off", placeholder: "value" });
    this.column.addEventListener("change", () => this.offer());
    const form = element("form", { class: "filter-form", on: { submit: (event) => { event.preventDefault(); this.add(); } } },
      element("span", { class: "field-label" }, "Only copies with"), this.column, this.comparison, this.value, this.values, element("button", { type: "submit" }, "Add"));
    this.element = element("div", { class: "filters" }, form, this.chips);
  }

  /** Shows conditions. */
  set(where: readonly string[], sweep: Sweep): void {
    this.where = where;
    if (this.sweep?.version !== sweep.version || this.column.options.length === 0) {
      this.sweep = sweep;
      const chosen = this.column.value;
      fill(this.column, ...sweep.columns.map((column) => element("option", { value: column.name }, column.label)));
      if (chosen) this.column.value = chosen;
      this.offer();
    }
    fill(this.chips, ...where.map((condition, i) => element("li", { class: "chip" }, sayCondition(condition, sweep),
      element("button", { type: "button", "aria-label": `Take away: ${sayCondition(condition, sweep)}`, on: { click: () => this.changed(where.filter((_, j) => j !== i)) } }, "×"))));
    this.chips.hidden = where.length === 0;
  }

  private offer(): void {
    const column = this.sweep?.columns.find((one) => one.name === this.column.value);
    fill(this.values, ...(column?.values ?? []).map((value) => element("option", { value: value ?? "" })));
    for (const option of this.comparison.options) option.disabled = !column?.numeric && /[<>]/.test(option.value);
    if (this.comparison.selectedOptions[0]?.disabled) this.comparison.value = "=";
  }

  private add(): void {
    if (!this.column.value) return;
    const condition = `${this.column.value}${this.comparison.value}${this.value.value.trim()}`;
    this.value.value = "";
    if (!this.where.includes(condition)) this.changed([...this.where, condition]);
  }
}
