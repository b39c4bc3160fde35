import { quadrants } from "../chart/words";
import { element, fill, say } from "../page/dom";
import { number } from "../page/number";

/** Values by quantity. */
export type Values = Readonly<Record<string, number | null | undefined>>;

/** The learned map's four quadrants, which fill up as the network learns, and the systematicity they give. */
export class MapView {
  readonly element: HTMLElement;
  private readonly cells = quadrants.map((quantity, k) => {
    const level = element("div", { class: "level" });
    const ghost = element("div", { class: "ghost" });
    const value = element("span", { class: "value" });
    const of = element("span", { class: "of" });
    const cell = element("td", { class: "quadrant", "data-hue": k }, ghost, level,
      element("div", { class: "quadrant-text" }, element("span", { class: "quadrant-name" }, quantity.label), value, of));
    return { cell, level, ghost, value, of, column: quantity.column };
  });
  private readonly total = element("output", { class: "s-value" });
  private readonly told = element("p", { class: "s-theory" });
  private readonly left = element("span", { class: "s-left" });
  private readonly mark = element("span", { class: "s-mark" });
  private readonly bar = element("div", { class: "s-bar", "aria-hidden": "true" }, this.left, this.mark);

  constructor() {
    const cell = (k: number) => (this.cells[k] as { cell: HTMLElement }).cell;
    this.element = element("section", { class: "map", "aria-label": "The learned map and its systematicity" },
      element("div", { class: "s" },
        element("div", { class: "s-head" }, element("h2", {}, "Systematicity S"), this.total),
        this.bar, this.told),
      element("table", { class: "quadrants" },
        element("caption", {}, "The learned map, ‖·‖² of each quadrant"),
        element("thead", {}, element("tr", {}, element("td", {}), element("th", { scope: "col" }, "from Ωx"), element("th", { scope: "col" }, "from Γx"))),
        element("tbody", {},
          element("tr", {}, element("th", { scope: "row" }, "to Ωy"), cell(0), cell(1)),
          element("tr", {}, element("th", { scope: "row" }, "to Γy"), cell(2), cell(3)))));
  }

  /** The systematicity as it is shown. */
  get systematicity(): string {
    return this.total.textContent ?? "";
  }

  /** Shows what is learned, beside where theory says it ends. */
  show(now: Values | undefined, end: Values, absent: readonly string[]): void {
    const most = Math.max(...this.cells.map(({ column }) => Math.max(end[column] ?? 0, now?.[column] ?? 0)), Number.MIN_VALUE);
    // The height is the norm's, so that a small quadrant is still seen.
    const height = (value: number | null | undefined) => `${Math.min(100, 100 * Math.sqrt(Math.max(0, value ?? 0) / most))}%`;
    for (const { cell, level, ghost, value, of, column } of this.cells) {
      const missing = absent.includes(column);
      cell.classList.toggle("absent", missing);
      level.hidden = missing || !now;
      ghost.hidden = missing || !end[column];
      level.style.height = height(now?.[column]);
      ghost.style.height = height(end[column]);
      say(value, missing ? "not connected" : now ? number(now[column]) : "");
      say(of, missing || end[column] === null || end[column] === undefined ? "" : now ? `of ${number(end[column])}` : `ends at ${number(end[column])}`);
    }
    const s = now?.["systematicity"];
    const predicted = end["systematicity"];
    const shown = s ?? (now ? null : predicted);
    say(this.total, shown === null || shown === undefined ? "–" : shown.toFixed(3));
    this.bar.classList.toggle("none", shown === null || shown === undefined);
    this.left.style.width = `${100 * (shown ?? 0)}%`;
    this.mark.hidden = predicted === null || predicted === undefined;
    this.mark.style.left = `${100 * (predicted ?? 0)}%`;
    fill(this.told, predicted === null || predicted === undefined ? "Theory names no value here." : now ? `measured; from small weights, theory says ${predicted.toFixed(3)}` : "theory’s value; play to measure it");
  }
}
